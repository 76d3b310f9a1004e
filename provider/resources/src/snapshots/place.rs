//! Where snapshots are kept, as users write it: a folder or a bucket.

use switchyard_engine::ports::Place;
use tfplugin::diagnostic::Diagnostic;
use tfplugin::schema::validators::string;
use tfplugin::schema::{Attributes, Validator};
use tfplugin::value::{Attr, Path};

use super::said::Code;
use crate::names;

/// Where snapshots go when nothing is said.
pub(crate) const DEFAULT_FOLDER: &str = "switchyard-snapshots";

/// `folder` and `bucket`, of which there is one; without either, [`DEFAULT_FOLDER`].
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct PlaceModel {
    /// Local folder of the snapshots, created with the first one. A relative path starts where Terraform runs.
    /// `switchyard-snapshots` if there is no `bucket` either.
    #[attr(optional, validate(folder_path()))]
    pub folder: Attr<String>,
    /// S3 bucket of the snapshots. It must exist; keep it versioned, encrypted and closed to the public.
    #[attr(block)]
    pub bucket: Attr<BucketModel>,
}

/// `bucket` and `copy_to`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct BucketModel {
    /// Name of the bucket.
    #[attr(required, validate(bucket_name()))]
    pub name: Attr<String>,
    /// Prefix of every object's name, such as `snapshots/`. Empty by default.
    #[attr(optional, validate(prefix()))]
    pub prefix: Attr<String>,
    /// Region of the bucket. Defaults to that of the provider.
    #[attr(optional, validate(names::region()))]
    pub region: Attr<String>,
    /// ARN, id or alias of the KMS key that encrypts new objects. Defaults to the encryption of the bucket.
    #[attr(optional, validate(key()))]
    pub kms_key: Attr<String>,
}

impl PlaceModel {
    /// The place; `None` while part of it is unknown.
    pub(crate) fn place(&self) -> Option<Place> {
        match (&self.folder, &self.bucket) {
            (Attr::Unknown, _) | (_, Attr::Unknown) => None,
            (_, Attr::Known(bucket)) => of_bucket(bucket),
            (Attr::Known(path), Attr::Null) => Some(Place::Folder(path.clone())),
            (Attr::Null, Attr::Null) => Some(Place::Folder(DEFAULT_FOLDER.to_owned())),
        }
    }

    /// The error for both at once; `at` is what they are attributes of.
    pub(crate) fn not_both(&self, at: Path) -> Option<Diagnostic> {
        (self.folder.is_known() && self.bucket.is_known()).then(|| {
            Code::TwoPlaces
                .error(
                    "`folder` and `bucket` conflict",
                    "Snapshots are kept in one place. Keep one of the two.",
                )
                .at(at.attribute("folder"))
        })
    }
}

fn folder_path() -> impl Validator + Clone {
    string(
        "must be the path of a folder; for a bucket write `bucket { name = … }`",
        |path| !path.trim().is_empty() && !path.contains("://") && !path.contains('\0'),
    )
}

fn bucket_name() -> impl Validator + Clone {
    string(
        "must be the name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens",
        is_bucket_name,
    )
}

fn prefix() -> impl Validator + Clone {
    string(
        "must be made of letters, digits, `.`, `_`, `-` and single `/`, and begin with none of `.` and `/`",
        is_prefix,
    )
}

fn key() -> impl Validator + Clone {
    string(
        "must be the ARN, id or alias of a key, without spaces and in ASCII",
        |text| !text.is_empty() && names::is_visible(text),
    )
}

fn is_bucket_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    (3..=63).contains(&bytes.len())
        && bytes
            .iter()
            .all(|byte| plain(*byte) || matches!(byte, b'.' | b'-'))
        && bytes.first().is_some_and(|byte| plain(*byte))
        && bytes.last().is_some_and(|byte| plain(*byte))
}

fn is_prefix(text: &str) -> bool {
    let parts = text.strip_suffix('/').unwrap_or(text).split('/');
    text.len() <= 512
        && parts.into_iter().all(|part| {
            !part.is_empty()
                && !part.starts_with('.')
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
        })
}

/// The bucket as a place; `None` while part of it is unknown.
pub(crate) fn of_bucket(bucket: &BucketModel) -> Option<Place> {
    let written = |text: &Attr<String>| text.settled(|text| Some(text.clone()));
    let prefix = written(&bucket.prefix)?.unwrap_or_default();
    Some(Place::Bucket {
        bucket: bucket.name.known()?.clone(),
        prefix: if prefix.is_empty() || prefix.ends_with('/') {
            prefix
        } else {
            format!("{prefix}/")
        },
        region: written(&bucket.region)?,
        kms_key: written(&bucket.kms_key)?,
    })
}

/// Whether both hold the same objects. Names of buckets are unique in the world, and a key concerns new objects only.
pub(crate) fn is_same(left: &Place, right: &Place) -> bool {
    match (left, right) {
        (Place::Folder(left), Place::Folder(right)) => trimmed(left) == trimmed(right),
        (
            Place::Bucket { bucket, prefix, .. },
            Place::Bucket {
                bucket: other,
                prefix: under,
                ..
            },
        ) => bucket == other && prefix == under,
        (Place::Folder(_), Place::Bucket { .. }) | (Place::Bucket { .. }, Place::Folder(_)) => {
            false
        }
    }
}

fn trimmed(path: &str) -> &str {
    let path = path.strip_prefix("./").unwrap_or(path);
    match path.trim_end_matches('/') {
        "" => path,
        short => short,
    }
}

/// One text for a place, as in import ids: `folder:PATH` or `s3://BUCKET/PREFIX`.
pub(crate) fn to_text(place: &Place) -> String {
    match place {
        Place::Folder(path) => format!("folder:{path}"),
        Place::Bucket { bucket, prefix, .. } => {
            format!("s3://{bucket}/{}", prefix.trim_end_matches('/'))
                .trim_end_matches('/')
                .to_owned()
        }
    }
}

/// The place of what [`to_text`] writes; a bucket of another region than the provider's has
/// `?region=REGION` at the end.
pub(crate) fn from_text(text: &str) -> Option<PlaceModel> {
    if let Some(path) = text.strip_prefix("folder:") {
        let is_path = !path.trim().is_empty() && !path.contains("://");
        return is_path.then(|| PlaceModel {
            folder: Attr::Known(path.to_owned()),
            bucket: Attr::Null,
        });
    }
    let rest = text.strip_prefix("s3://")?;
    let (rest, region) = match rest.split_once("?region=") {
        Some((rest, region)) if names::is_region(region) => (rest, Attr::Known(region.to_owned())),
        Some(_) => return None,
        None => (rest, Attr::Null),
    };
    let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    if !is_bucket_name(name) || !(prefix.is_empty() || is_prefix(prefix)) {
        return None;
    }
    let prefix = if prefix.is_empty() {
        Attr::Null
    } else {
        Attr::Known(prefix.to_owned())
    };
    let bucket = BucketModel {
        name: Attr::Known(name.to_owned()),
        prefix,
        region,
        kms_key: Attr::Null,
    };
    Some(PlaceModel {
        folder: Attr::Null,
        bucket: Attr::Known(bucket),
    })
}

/// The error for copies that go where the originals are; `at` is what `copy_to` is an attribute of.
pub(crate) fn copy_elsewhere(
    at: Path,
    place: Option<Place>,
    copy_to: &Attr<BucketModel>,
) -> Option<Diagnostic> {
    let copy = of_bucket(copy_to.known()?)?;
    is_same(&place?, &copy).then(|| {
        Code::CopyToItself
            .error(
                "`copy_to` is the place of the snapshots itself",
                "The copy would be the original. Name a different bucket, preferably in a different region, or \
                 remove `copy_to`.",
            )
            .at(at.attribute("copy_to"))
    })
}

/// How messages name a place.
pub(crate) fn said(place: &Place) -> String {
    match place {
        Place::Folder(path) => format!("folder `{path}`"),
        Place::Bucket { bucket, .. } => format!("bucket `{bucket}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(text: &str) -> Attr<String> {
        Attr::Known(text.to_owned())
    }

    fn shop(prefix: Attr<String>) -> BucketModel {
        BucketModel {
            name: known("shop-snapshots"),
            prefix,
            ..BucketModel::default()
        }
    }

    #[test]
    fn two_places_are_refused_once_both_are_known() {
        let table = [
            (known("a"), Attr::Known(shop(Attr::Null)), true),
            (Attr::Unknown, Attr::Known(shop(Attr::Null)), false),
            (known("a"), Attr::Unknown, false),
            (known("a"), Attr::Null, false),
        ];
        for (folder, bucket, refused) in table {
            let place = PlaceModel { folder, bucket };
            let found = place.not_both(Path::root()).is_some();
            assert_eq!(found, refused, "{place:?}");
        }
    }

    #[test]
    fn a_prefix_ends_with_a_slash() {
        for text in ["a/b", "a/b/"] {
            let Some(Place::Bucket { prefix, .. }) = of_bucket(&shop(known(text))) else {
                panic!("no bucket");
            };
            assert_eq!(prefix, "a/b/");
        }
        let at_top = of_bucket(&shop(Attr::Null));
        assert!(matches!(at_top, Some(Place::Bucket { prefix, .. }) if prefix.is_empty()));
    }

    #[test]
    fn the_default_folder_is_the_one_in_the_reference() {
        let folder = PlaceModel::attributes().remove(0);
        let named = format!("`{DEFAULT_FOLDER}` if there is no `bucket` either");
        assert!(
            folder.description.contains(&named),
            "{}",
            folder.description
        );
    }

    #[test]
    fn unknown_parts_make_no_place() {
        assert_eq!(of_bucket(&shop(Attr::Unknown)), None);
        let folder = PlaceModel {
            folder: Attr::Unknown,
            ..PlaceModel::default()
        };
        let bucket = PlaceModel {
            bucket: Attr::Unknown,
            ..PlaceModel::default()
        };
        assert_eq!(folder.place(), None);
        assert_eq!(bucket.place(), None);
        assert_eq!(
            PlaceModel::default().place(),
            Some(Place::Folder(DEFAULT_FOLDER.to_owned()))
        );
    }

    #[test]
    fn texts_of_places_are_read_back() {
        let bucket = of_bucket(&shop(known("a/b/"))).unwrap();
        for place_of in [Place::Folder("kept/here".to_owned()), bucket] {
            let read = from_text(&to_text(&place_of)).unwrap();
            assert_eq!(read.place(), Some(place_of));
        }
        let read = from_text("s3://shop-snapshots?region=eu-north-1").unwrap();
        assert_eq!(read.bucket.known().unwrap().region, known("eu-north-1"));
        for wrong in [
            "",
            "here",
            "folder:",
            "s3://",
            "s3://UPPER",
            "s3://abc//x",
            "s3://abc/../x",
            "s3://abc?region=",
        ] {
            assert_eq!(from_text(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_place_is_told_from_another() {
        let folder = |path: &str| Place::Folder(path.to_owned());
        assert!(is_same(&folder("./a/"), &folder("a")));
        assert!(!is_same(&folder("/a"), &folder("a")));
        assert!(!is_same(&folder("/"), &folder("a")));
        let one = of_bucket(&shop(known("a"))).unwrap();
        let keyed = of_bucket(&BucketModel {
            kms_key: known("alias/x"),
            region: known("eu-north-1"),
            ..shop(known("a/"))
        });
        assert!(is_same(&one, &keyed.unwrap()));
        assert!(!is_same(&one, &of_bucket(&shop(known("b"))).unwrap()));
        assert!(!is_same(&one, &folder("a")));
    }
}
