//! Text of others: made harmless, measured, and cut to size.

/// Width of a character of a monospaced font, in parts of its size. The widest in use (SF Mono) has 0.616.
pub(crate) const ADVANCE: f64 = 0.62;

/// Text in one line, without characters that a terminal, a log or XML takes for something else: control characters,
/// those that change the direction of text or cannot be seen, and those that are none.
pub fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if is_plain(c) { c } else { '\u{fffd}' })
        .collect()
}

fn is_plain(c: char) -> bool {
    !(c.is_control()
        || matches!(
            c,
            '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
        || matches!(u32::from(c) & 0xffff, 0xfffe | 0xffff))
}

/// For XML and HTML, as text or between quotation marks.
pub(crate) fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in plain(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Our own words in a cell or a line of Markdown.
pub fn words(text: &str) -> String {
    let mut escaped = String::new();
    for c in plain(text).chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '|' | '*' | '_' | '[' | ']' | '\\' | '~' | '$' | '#' => {
                escaped.push('\\');
                escaped.push(c);
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

/// Text of others as code of Markdown: in code nothing is a mention, a link, a number of an issue, a formula or a picture.
pub fn code(text: &str) -> String {
    let text = plain(text).replace('|', "\\|");
    let longest = text
        .split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let space = match text.starts_with('`') || text.ends_with('`') || text.trim().is_empty() {
        true => " ",
        false => "",
    };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Columns that a character takes in a monospaced font: wide scripts and pictures take two.
fn columns_of(c: char) -> usize {
    match u32::from(c) {
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xa960..=0xa97f
        | 0xac00..=0xd7ff
        | 0xf900..=0xfaff
        | 0xfe10..=0xfe6f
        | 0xff00..=0xffe6
        | 0x1f000..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// Columns that a text takes.
pub(crate) fn columns(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

/// At most so many columns of a text; one that is cut ends with a mark.
pub(crate) fn cut(text: &str, most: usize) -> String {
    let text = plain(text);
    if columns(&text) <= most {
        return text;
    }
    let mut kept = String::new();
    let mut taken = 0;
    for c in text.chars() {
        taken += columns_of(c);
        if taken >= most {
            break;
        }
        kept.push(c);
    }
    if most > 0 {
        kept.push('…');
    }
    kept
}

/// Seconds in words.
pub(crate) fn duration(seconds: u64) -> String {
    let (days, hours, minutes, rest) = (
        seconds / 86_400,
        seconds / 3_600 % 24,
        seconds / 60 % 60,
        seconds % 60,
    );
    let parts = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")];
    let mut said: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    // Seconds of something that takes hours say nothing.
    said.truncate(2);
    if said.is_empty() {
        return "0 s".to_owned();
    }
    said.join(" ")
}

/// A number with at most four decimals, or as it is when that would hide it.
pub(crate) fn number(value: f64) -> String {
    let rounded = (value * 10_000.0).round() / 10_000.0;
    match rounded.is_finite() && (rounded != 0.0 || value == 0.0) {
        true => format!("{rounded}"),
        false => format!("{value:e}"),
    }
}

/// A count with its word.
pub(crate) fn counted(count: usize, one: &str, several: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        count => format!("{count} {several}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_at_a_glance() {
        for (seconds, words) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (200, "3 min 20 s"),
            (3_600, "1 h"),
            (3_725, "1 h 2 min"),
            (90_000, "1 d 1 h"),
        ] {
            assert_eq!(duration(seconds), words);
        }
    }

    #[test]
    fn numbers_hide_nothing() {
        for (value, text) in [
            (0.0, "0"),
            (7.299_999_99, "7.3"),
            (0.000_001, "1e-6"),
            (1_200.0, "1200"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn a_cut_text_fits_and_says_so() {
        assert_eq!(cut("checkout", 8), "checkout");
        assert_eq!(cut("checkout", 5), "chec…");
        assert_eq!(cut("決済サービス", 5), "決済…");
        assert_eq!(cut("checkout", 0), "");
        assert_eq!(cut("a\u{202e}b\nc", 9), "a\u{fffd}b\u{fffd}c");
    }

    #[test]
    fn text_of_others_is_neither_markup_nor_a_fence() {
        assert_eq!(
            xml("<a href=\"x\">&'\u{0}"),
            "&lt;a href=&quot;x&quot;&gt;&amp;&#39;\u{fffd}"
        );
        assert_eq!(code("a``b|c"), "```a``b\\|c```");
        assert_eq!(words("<b>*x*|#1"), "&lt;b&gt;\\*x\\*\\|\\#1");
    }
}
