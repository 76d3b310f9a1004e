//! A picture, element by element. Every text is cut to the room it has.

use crate::text::{self, ADVANCE, xml};

/// Width of every picture; heights follow from what is shown.
pub(crate) const WIDTH: f64 = 960.0;

/// A picture that is being drawn.
#[derive(Debug, Default)]
pub(crate) struct Svg {
    body: String,
}

/// Where a text begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    End,
    Middle,
    Start,
}

impl Anchor {
    fn word(self) -> &'static str {
        match self {
            Self::End => "end",
            Self::Middle => "middle",
            Self::Start => "start",
        }
    }
}

/// A line of text and its room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Label<'a> {
    pub(crate) x: f64,
    /// The base line.
    pub(crate) y: f64,
    pub(crate) size: f64,
    pub(crate) anchor: Anchor,
    pub(crate) class: &'a str,
    /// Its room, in the units of the picture.
    pub(crate) room: f64,
    pub(crate) text: &'a str,
}

/// A mark whose form says what it means, so that colour is not needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// A cross.
    Bad,
    /// A dot.
    Good,
    /// A ring.
    Missing,
    /// A diamond.
    Unsure,
}

/// A number without what nobody can see.
pub(crate) fn unit(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    match rounded.is_finite() {
        true => format!("{rounded}"),
        false => "0".to_owned(),
    }
}

/// Columns of a text of this size that fit.
pub(crate) fn columns_in(room: f64, size: f64) -> usize {
    let advance = size * ADVANCE;
    let mut fit = 0_u32;
    while f64::from(fit + 1) * advance <= room && fit < 10_000 {
        fit += 1;
    }
    usize::try_from(fit).unwrap_or_default()
}

/// Room that a text of this size takes.
pub(crate) fn room_of(text: &str, size: f64) -> f64 {
    let columns = u32::try_from(text::columns(text)).unwrap_or(u32::MAX);
    f64::from(columns) * size * ADVANCE
}

impl Svg {
    pub(crate) fn rect(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), class: &str) {
        self.body.push_str(&format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" class=\"{class}\"/>\n",
            unit(x),
            unit(y),
            unit(width.max(0.0)),
            unit(height.max(0.0)),
        ));
    }

    pub(crate) fn line(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), class: &str) {
        self.path(&[(x1, y1), (x2, y2)], class);
    }

    /// A line through points.
    pub(crate) fn path(&mut self, points: &[(f64, f64)], class: &str) {
        let Some(((x, y), rest)) = points.split_first() else {
            return;
        };
        let mut path = format!("M{} {}", unit(*x), unit(*y));
        for (x, y) in rest {
            path.push_str(&format!("L{} {}", unit(*x), unit(*y)));
        }
        self.body
            .push_str(&format!("<path d=\"{path}\" class=\"{class}\"/>\n"));
    }

    /// A line with a text that is shown when the pointer is over it.
    pub(crate) fn told_line(&mut self, from: (f64, f64), to: (f64, f64), class: &str, told: &str) {
        self.open(told);
        self.line(from, to, class);
        self.body.push_str("</g>\n");
    }

    pub(crate) fn label(&mut self, label: &Label<'_>) {
        let columns = columns_in(label.room, label.size);
        let shown = text::cut(label.text, columns);
        if shown.is_empty() {
            return;
        }
        let whole = match shown == label.text {
            true => String::new(),
            false => format!("<title>{}</title>", xml(label.text)),
        };
        let class = match label.class {
            "" => String::new(),
            class => format!(" class=\"{class}\""),
        };
        self.body.push_str(&format!(
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"{}\"{class}>{}{whole}</text>\n",
            unit(label.x),
            unit(label.y),
            unit(label.size),
            label.anchor.word(),
            xml(&shown),
        ));
    }

    /// A mark with a text that is shown when the pointer is over it.
    pub(crate) fn mark(&mut self, (x, y): (f64, f64), mark: Mark, told: &str) {
        self.open(told);
        let (x0, x1, y0, y1) = (x - 4.0, x + 4.0, y - 4.0, y + 4.0);
        match mark {
            Mark::Bad => {
                self.line((x0, y0), (x1, y1), "sy-bad-line");
                self.line((x0, y1), (x1, y0), "sy-bad-line");
            }
            Mark::Good => self.circle((x, y), "sy-good"),
            Mark::Missing => self.circle((x, y), "sy-mixed-line"),
            Mark::Unsure => {
                let corners = [(x, y0), (x1, y), (x, y1), (x0, y), (x, y0)];
                self.path(&corners, "sy-mixed");
            }
        }
        self.body.push_str("</g>\n");
    }

    fn circle(&mut self, (x, y): (f64, f64), class: &str) {
        self.body.push_str(&format!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"3.5\" class=\"{class}\"/>\n",
            unit(x),
            unit(y)
        ));
    }

    fn open(&mut self, told: &str) {
        self.body
            .push_str(&format!("<g><title>{}</title>\n", xml(told)));
    }

    /// The picture as an element of a page that has the style sheet.
    pub(crate) fn element(self, height: f64, about: &str) -> String {
        self.finished(height, about, "", "")
    }

    /// The picture as a file.
    pub(crate) fn file(self, height: f64, about: &str) -> String {
        let style = format!("<style>{}</style>\n", crate::style::PICTURE);
        let paper = format!(
            "<rect width=\"{}\" height=\"{}\" class=\"sy-paper\"/>\n",
            unit(WIDTH),
            unit(height)
        );
        self.finished(
            height,
            about,
            " xmlns=\"http://www.w3.org/2000/svg\"",
            &format!("{style}{paper}"),
        )
    }

    fn finished(self, height: f64, about: &str, namespace: &str, before: &str) -> String {
        format!(
            "<svg{namespace} class=\"sy\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
             role=\"img\" aria-label=\"{about}\">\n{before}{body}</svg>\n",
            width = unit(WIDTH),
            height = unit(height),
            about = xml(about),
            body = self.body,
        )
    }
}
