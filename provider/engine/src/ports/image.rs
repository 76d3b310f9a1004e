//! References to images.

/// A reference to an image, taken apart the way container engines do. Every text is one: whether the parts are allowed
/// is [`fault`](Self::fault)'s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageReference<'a> {
    /// Registry host; the public default when none is written.
    pub registry: &'a str,
    /// Repository inside the registry.
    pub repository: &'a str,
    /// Tag, where one is written.
    pub tag: Option<&'a str>,
    /// Digest, where one is written, with its algorithm: `sha256:…`.
    pub digest: Option<&'a str>,
}

/// Which image of a repository. With tag and digest only the digest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageVersion<'a> {
    /// By its content.
    Digest(&'a str),
    /// By a name that may move.
    Tag(&'a str),
}

/// Registry of references without a host.
const PUBLIC: &str = "docker.io";

/// Tag of references without one.
const LATEST: &str = "latest";

/// Hexadecimal digits of a SHA-256 digest.
const SHA256_DIGITS: usize = 64;

/// Most characters of a tag.
const LONGEST_TAG: usize = 128;

impl<'a> ImageReference<'a> {
    /// Takes a reference apart.
    pub fn parse(reference: &'a str) -> Self {
        let (named, digest) = match reference.split_once('@') {
            Some((named, digest)) => (named, Some(digest)),
            None => (reference, None),
        };
        let (registry, path) = match named.split_once('/') {
            Some((host, path)) if is_host(host) => (host, path),
            _ => (PUBLIC, named),
        };
        let (repository, tag) = match path.rsplit_once(':') {
            Some((repository, tag)) => (repository, Some(tag)),
            None => (path, None),
        };
        Self {
            registry,
            repository,
            tag,
            digest,
        }
    }

    /// Which image of the repository is pulled.
    pub fn version(&self) -> ImageVersion<'a> {
        match (self.digest, self.tag) {
            (Some(digest), _) => ImageVersion::Digest(digest),
            (None, tag) => ImageVersion::Tag(tag.unwrap_or(LATEST)),
        }
    }

    /// Why no registry has such an image, as a sentence whose subject is the reference; nothing when one may have it.
    /// The rules are those of the distribution specification, and of a digest by SHA-256.
    pub fn fault(&self) -> Option<String> {
        if self.repository.is_empty() {
            return Some("names no repository.".to_owned());
        }
        if self.repository.chars().any(char::is_uppercase) {
            return Some(format!(
                "has capital letters in its repository; write `{}`.",
                self.repository.to_lowercase()
            ));
        }
        if !self.repository.split('/').all(is_part) {
            return Some(format!(
                "has the repository `{}`, which is not a path of lowercase letters, digits and single `.`, `_`, `__` or \
                 `-` between them.",
                self.repository
            ));
        }
        if let Some(tag) = self.tag.filter(|tag| !is_tag(tag)) {
            return Some(format!(
                "has the tag `{tag}`, which is not 1 to {LONGEST_TAG} letters, digits, `_`, `.` or `-` that begin with \
                 a letter, a digit or `_`."
            ));
        }
        let digest = self.digest?;
        let Some(digits) = digest.strip_prefix("sha256:") else {
            return Some(format!(
                "has the digest `{digest}`; write `sha256:` and {SHA256_DIGITS} hexadecimal digits."
            ));
        };
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if digits.len() != SHA256_DIGITS {
            return Some(format!(
                "has a digest of {} digits; SHA-256 has {SHA256_DIGITS}.",
                digits.chars().count()
            ));
        }
        (!digits.bytes().all(is_digit)).then(|| {
            "has a digest with characters other than 0 to 9 and a to f (lowercase).".to_owned()
        })
    }
}

fn is_host(part: &str) -> bool {
    part.contains('.') || part.contains(':') || part == "localhost"
}

/// Lowercase letters and digits, with separators between them: `.`, `_`, `__`, or any number of `-`.
fn is_part(part: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let mut separator = String::new();
    let mut is_inside = false;
    for byte in part.bytes() {
        if is_word(byte) {
            let is_allowed = matches!(separator.as_str(), "" | "." | "_" | "__")
                || separator.bytes().all(|it| it == b'-');
            if !is_allowed || (!is_inside && !separator.is_empty()) {
                return false;
            }
            separator.clear();
            is_inside = true;
        } else if matches!(byte, b'.' | b'_' | b'-') {
            separator.push(char::from(byte));
        } else {
            return false;
        }
    }
    is_inside && separator.is_empty()
}

fn is_tag(tag: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    tag.len() <= LONGEST_TAG
        && tag.bytes().next().is_some_and(is_word)
        && tag
            .bytes()
            .all(|byte| is_word(byte) || byte == b'.' || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_taken_apart_as_container_engines_do() {
        let image = |registry, repository, tag, digest| ImageReference {
            registry,
            repository,
            tag,
            digest,
        };
        for (reference, expected) in [
            ("nginx", image("docker.io", "nginx", None, None)),
            (
                "team/web:7",
                image("docker.io", "team/web", Some("7"), None),
            ),
            (
                "localhost:5000/web",
                image("localhost:5000", "web", None, None),
            ),
            (
                "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web:7@sha256:ab",
                image(
                    "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
                    "shop/web",
                    Some("7"),
                    Some("sha256:ab"),
                ),
            ),
        ] {
            assert_eq!(ImageReference::parse(reference), expected, "{reference}");
        }
    }

    #[test]
    fn the_digest_counts_before_the_tag() {
        for (reference, expected) in [
            ("web", ImageVersion::Tag("latest")),
            ("web:7", ImageVersion::Tag("7")),
            ("web:7@sha256:ab", ImageVersion::Digest("sha256:ab")),
        ] {
            assert_eq!(ImageReference::parse(reference).version(), expected);
        }
    }

    #[test]
    fn what_no_registry_can_have_is_named() {
        let digest = "0123456789abcdef".repeat(4);
        for reference in [
            "nginx".to_owned(),
            "shop/web-api__v2.x:1.2_b-C".to_owned(),
            format!("public.ecr.aws/nginx/nginx:1.29@sha256:{digest}"),
            "localhost:5000/a--b".to_owned(),
        ] {
            assert_eq!(
                ImageReference::parse(&reference).fault(),
                None,
                "{reference}"
            );
        }
        for (reference, part) in [
            (String::new(), "names no repository"),
            ("Shop/Web".to_owned(), "write `shop/web`"),
            ("shop//web".to_owned(), "not a path"),
            ("-web".to_owned(), "not a path"),
            ("web._x".to_owned(), "not a path"),
            ("web:-1".to_owned(), "the tag `-1`"),
            ("web:".to_owned(), "the tag ``"),
            (format!("web:{}", "x".repeat(129)), "1 to 128"),
            (format!("web@sha512:{digest}"), "write `sha256:`"),
            (format!("web@sha256:{}", "a".repeat(63)), "63 digits"),
            (format!("web@sha256:{}", digest.to_uppercase()), "lowercase"),
        ] {
            let fault = ImageReference::parse(&reference).fault();
            assert!(
                fault.as_ref().is_some_and(|it| it.contains(part)),
                "{reference}: {fault:?}"
            );
        }
    }
}
