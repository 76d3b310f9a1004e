//! The files in a saved plan, which is a zip archive without encryption, and smaller than 4 GiB.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use flate2::read::DeflateDecoder;

/// An archive whose list of files was read.
pub(super) struct Archive<R> {
    input: R,
    files: Vec<Entry>,
}

struct Entry {
    name: String,
    method: u16,
    packed: u64,
    at: u64,
}

const END: &[u8] = b"PK\x05\x06";
const LISTED: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";
/// Length of the end, without its comment.
const END_LENGTH: usize = 22;
const LISTED_LENGTH: usize = 46;
const LOCAL_LENGTH: usize = 30;
/// Longest list of files that is read.
const LONGEST_LIST: u64 = 16 << 20;

fn unsound(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// A number of two bytes.
fn short(bytes: &[u8], at: usize) -> io::Result<u16> {
    let found = bytes.get(at..).and_then(<[u8]>::first_chunk);
    found
        .map(|bytes| u16::from_le_bytes(*bytes))
        .ok_or_else(|| unsound("a record is too short"))
}

/// A number of four bytes.
fn long(bytes: &[u8], at: usize) -> io::Result<u64> {
    let found = bytes.get(at..).and_then(<[u8]>::first_chunk);
    found
        .map(|bytes| u32::from_le_bytes(*bytes).into())
        .ok_or_else(|| unsound("a record is too short"))
}

impl<R: Read + Seek> Archive<R> {
    pub(super) fn open(mut input: R) -> io::Result<Self> {
        let length = input.seek(SeekFrom::End(0))?;
        // A comment of up to 64 KiB may follow the end.
        let tail = length.min(END_LENGTH as u64 + u64::from(u16::MAX));
        input.seek(SeekFrom::Start(length - tail))?;
        let mut bytes = Vec::new();
        input.by_ref().take(tail).read_to_end(&mut bytes)?;
        let start = bytes
            .windows(END.len())
            .rposition(|window| window == END)
            .ok_or_else(|| unsound("it has no end"))?;
        let end = bytes.get(start..).unwrap_or_default();
        let (size, at) = (long(end, 12)?, long(end, 16)?);
        if size > LONGEST_LIST {
            return Err(unsound("it has too many files"));
        }
        input.seek(SeekFrom::Start(at))?;
        let mut list = Vec::new();
        input.by_ref().take(size).read_to_end(&mut list)?;
        let mut files = Vec::new();
        let mut rest = list.as_slice();
        while rest.starts_with(LISTED) {
            let (name, extra, comment) = (short(rest, 28)?, short(rest, 30)?, short(rest, 32)?);
            let name = rest
                .get(LISTED_LENGTH..LISTED_LENGTH + usize::from(name))
                .ok_or_else(|| unsound("a name is too short"))?;
            files.push(Entry {
                name: String::from_utf8_lossy(name).into_owned(),
                method: short(rest, 10)?,
                packed: long(rest, 20)?,
                at: long(rest, 42)?,
            });
            let next = LISTED_LENGTH + name.len() + usize::from(extra) + usize::from(comment);
            rest = rest.get(next..).unwrap_or_default();
        }
        Ok(Self { input, files })
    }

    /// The names of all files.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| file.name.as_str())
    }

    /// The content of a file.
    pub(super) fn read(&mut self, name: &str) -> io::Result<Box<dyn Read + '_>> {
        let file = self.files.iter().find(|file| file.name == name);
        let file = file.ok_or_else(|| unsound("there is no such file"))?;
        self.input.seek(SeekFrom::Start(file.at))?;
        let mut head = [0; LOCAL_LENGTH];
        self.input.read_exact(&mut head)?;
        if !head.starts_with(LOCAL) {
            return Err(unsound("a file does not begin where the list says"));
        }
        let names = i64::from(short(&head, 26)?) + i64::from(short(&head, 28)?);
        self.input.seek(SeekFrom::Current(names))?;
        let packed = BufReader::new(self.input.by_ref().take(file.packed));
        match file.method {
            0 => Ok(Box::new(packed)),
            8 => Ok(Box::new(DeflateDecoder::new(packed))),
            _ => Err(unsound("a file is packed in an unknown way")),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::{Cursor, Write as _};

    use flate2::Compression;
    use flate2::write::DeflateEncoder;

    use super::*;

    /// An archive as Terraform writes it: packed, with sizes in the list only.
    pub(in crate::saved) fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let (mut bytes, mut list) = (Vec::new(), Vec::new());
        for (name, content) in files {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(content).unwrap();
            let packed = encoder.finish().unwrap();
            let (at, size) = (bytes.len(), packed.len());
            let name_length = u16::try_from(name.len()).unwrap().to_le_bytes();
            bytes.extend(LOCAL);
            bytes.extend([20, 0, 8, 0, 8, 0]);
            bytes.extend([0; 16]);
            bytes.extend(name_length);
            bytes.extend([0; 2]);
            bytes.extend(name.as_bytes());
            bytes.extend(packed);
            list.extend(LISTED);
            list.extend([20, 0, 20, 0, 8, 0, 8, 0]);
            list.extend([0; 8]);
            list.extend(u32::try_from(size).unwrap().to_le_bytes());
            list.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
            list.extend(name_length);
            list.extend([0; 12]);
            list.extend(u32::try_from(at).unwrap().to_le_bytes());
            list.extend(name.as_bytes());
        }
        let at = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        let size = u32::try_from(list.len()).unwrap().to_le_bytes();
        bytes.extend(list);
        bytes.extend(END);
        bytes.extend([0; 8]);
        bytes.extend(size);
        bytes.extend(at);
        bytes.extend([0; 2]);
        bytes
    }

    #[test]
    fn files_are_read_by_name() {
        let bytes = archive(&[("a", b"first"), ("b/c.tf", b"second")]);
        let mut archive = Archive::open(Cursor::new(bytes)).unwrap();
        assert_eq!(archive.names().collect::<Vec<_>>(), ["a", "b/c.tf"]);
        for (name, expected) in [("b/c.tf", "second"), ("a", "first")] {
            let mut text = String::new();
            archive
                .read(name)
                .unwrap()
                .read_to_string(&mut text)
                .unwrap();
            assert_eq!(text, expected);
        }
        assert!(archive.read("d").is_err());
    }

    #[test]
    fn what_is_cut_anywhere_is_an_error_and_no_panic() {
        let bytes = archive(&[("a", b"first")]);
        for length in 0..bytes.len() {
            let cut = bytes[..length].to_vec();
            if let Ok(mut archive) = Archive::open(Cursor::new(cut)) {
                drop(
                    archive
                        .read("a")
                        .map(|mut file| file.read_to_end(&mut Vec::new())),
                );
            }
        }
    }
}
