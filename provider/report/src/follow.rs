//! A file of progress that grows while it is read.

use switchyard_engine::ports::ProgressMoment;

/// Longest line that is kept while its end is not there. A moment has some hundred bytes.
const LONGEST: usize = 64 * 1024;

/// Makes moments of the bytes of a file, in the pieces in which they come.
#[derive(Debug, Default)]
pub struct Follower {
    open: Vec<u8>,
    /// The line that is open is too long to be one of ours.
    is_skipped: bool,
}

impl Follower {
    /// Takes the next bytes, and gives the moments that are whole now. What is no moment is passed over.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<ProgressMoment> {
        let mut moments = Vec::new();
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let is_whole = part.ends_with(b"\n");
            if self.open.len() + part.len() > LONGEST {
                self.is_skipped = true;
                self.open.clear();
            }
            if !self.is_skipped {
                self.open.extend_from_slice(part);
            }
            if is_whole {
                moments.extend(serde_json::from_slice(&self.open).ok());
                self.open.clear();
                self.is_skipped = false;
            }
        }
        moments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"at":"2026-11-30T14:00:00Z","cluster":"main","service":"web","revision":"web:8","stage":"SCALE_UP","weight":null,"running":1,"desired":2,"healthy":null,"gate":null,"until":null,"is_over":false}"#;

    #[test]
    fn moments_come_whole_whatever_the_pieces() {
        let text = format!("{LINE}\nnonsense\n{}\n{LINE}\n", "x".repeat(100_000));
        for size in [1, 7, 1_000, text.len()] {
            let mut follower = Follower::default();
            let moments: Vec<_> = text
                .as_bytes()
                .chunks(size)
                .flat_map(|bytes| follower.take(bytes))
                .collect();
            assert_eq!(moments.len(), 2, "{size}");
            assert_eq!(moments[1].to_string(), "web: SCALE_UP · 1/2 running");
        }
        assert_eq!(Follower::default().take(LINE.as_bytes()), []);
    }
}
