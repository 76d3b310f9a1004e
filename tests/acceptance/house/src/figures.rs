//! What is counted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{fmt, fs, io};

use crate::syntax::without_tests;
use crate::{Circle, circles, is_of_tests, sources};

/// Where the product's crates are; everything else in Rust tests them.
const PRODUCT: [&str; 2] = ["provider", "proto"];

/// Files that hold nothing but schema and model of a resource, or folders of such files.
const DEFINITION: [&str; 4] = ["model", "rules", "schema", "words"];

/// How many names [`Figures`] shows.
const TOP: usize = 10;

/// Files and their lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines(Vec<usize>);

impl Lines {
    fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut lines: Vec<_> = texts.into_iter().map(|text| text.lines().count()).collect();
        lines.sort_unstable();
        Self(lines)
    }

    /// How many files.
    #[must_use]
    pub fn files(&self) -> usize {
        self.0.len()
    }

    /// Lines of all of them.
    #[must_use]
    pub fn total(&self) -> usize {
        self.0.iter().sum()
    }

    /// So many percent of the files have no more lines than this.
    #[must_use]
    pub fn percentile(&self, percent: usize) -> usize {
        let rank = (self.0.len() * percent).div_ceil(100);
        self.0.get(rank.saturating_sub(1)).copied().unwrap_or(0)
    }
}

/// What a resource costs. Tests are not counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its type without `switchyard_`.
    pub name: String,
    /// Attributes and blocks in its reference page, nested ones too.
    pub attributes: usize,
    /// Lines of its schema and model, with their words and rules.
    pub definition: usize,
    /// Lines of its folder.
    pub all: usize,
}

impl Resource {
    fn per_attribute(&self, lines: usize) -> String {
        let tenths = (lines * 10).checked_div(self.attributes).unwrap_or(0);
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

/// All of it.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Sources of the product.
    pub product: Lines,
    /// Sources of its tests.
    pub tests: Lines,
    /// In the order of their names.
    pub resources: Vec<Resource>,
    /// Crate → its import circles.
    pub circles: BTreeMap<String, Vec<Circle>>,
    /// Attribute names of more than one word, and in how many source files of the product each stands; most first.
    pub places: Vec<(String, usize)>,
}

impl Figures {
    /// Counts the tree below `root`, the folder of the workspace.
    ///
    /// # Errors
    /// When a file or folder cannot be read.
    pub fn of(root: &Path) -> io::Result<Self> {
        let (mut product, mut tests) = (Vec::new(), Vec::new());
        for folder in PRODUCT {
            for (path, text) in sources(&root.join(folder))? {
                let within = path.strip_prefix(root).unwrap_or(&path);
                let is_source = within.iter().any(|part| part == "src") && !is_of_tests(within);
                let place = if is_source { &mut product } else { &mut tests };
                place.push(text);
            }
        }
        let beside = sources(&root.join("tests"))?;
        tests.extend(beside.into_iter().map(|(_, text)| text));
        let mut names = BTreeSet::new();
        let mut resources = Vec::new();
        for page in pages(root)? {
            resources.push(resource(root, &page)?);
            names.extend(
                page.attributes
                    .into_iter()
                    .filter(|name| name.contains('_')),
            );
        }
        let own: Vec<_> = product.iter().map(|text| without_tests(text)).collect();
        Ok(Self {
            product: Lines::of(own.iter().copied()),
            tests: Lines::of(tests.iter().map(String::as_str)),
            resources,
            circles: crates(root)?,
            places: places(&own, names),
        })
    }
}

/// A reference page of a resource.
struct Page {
    name: String,
    attributes: Vec<String>,
}

fn pages(root: &Path) -> io::Result<Vec<Page>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root.join("docs/resources"))? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        found.push(Page {
            name: name.into_owned(),
            attributes: listed(&fs::read_to_string(&path)?),
        });
    }
    found.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(found)
}

/// The names in lines such as ``- `name` (String) …``.
fn listed(page: &str) -> Vec<String> {
    let items = page.lines().filter_map(|line| line.strip_prefix("- `"));
    items
        .filter_map(|item| item.split_once("` ("))
        .map(|(name, _)| name.to_owned())
        .collect()
}

fn resource(root: &Path, page: &Page) -> io::Result<Resource> {
    let folder = root.join("provider/resources/src").join(&page.name);
    let (mut definition, mut all) = (0, 0);
    for (path, text) in sources(&folder)? {
        let within = path.strip_prefix(&folder).unwrap_or(&path);
        if is_of_tests(within) {
            continue;
        }
        let lines = without_tests(&text).lines().count();
        all += lines;
        let within = within.with_extension("");
        if DEFINITION.iter().any(|name| within.starts_with(name)) {
            definition += lines;
        }
    }
    Ok(Resource {
        name: page.name.clone(),
        attributes: page.attributes.len(),
        definition,
        all,
    })
}

/// The crates of the product, by the folder that holds their sources.
fn crates(root: &Path) -> io::Result<BTreeMap<String, Vec<Circle>>> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.join("provider")];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.join("Cargo.toml").is_file() {
                let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy();
                found.insert(name.into_owned(), circles(&path.join("src"))?);
                open.push(path);
            }
        }
    }
    Ok(found)
}

/// In how many of the texts each name stands as a word.
fn places(texts: &[&str], names: BTreeSet<String>) -> Vec<(String, usize)> {
    let mut count: BTreeMap<String, usize> = names.into_iter().map(|name| (name, 0)).collect();
    for text in texts {
        let words: BTreeSet<&str> = text
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .collect();
        for (name, files) in &mut count {
            *files += usize::from(words.contains(name.as_str()));
        }
    }
    let mut found: Vec<_> = count.into_iter().collect();
    found.sort_by_key(|(_, files)| std::cmp::Reverse(*files));
    found
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Files                 files    lines  median     p90")?;
        for (name, lines) in [("product", &self.product), ("tests", &self.tests)] {
            let (files, total) = (lines.files(), lines.total());
            let (median, most) = (lines.percentile(50), lines.percentile(90));
            writeln!(f, "  {name:18} {files:6} {total:8} {median:7} {most:7}")?;
        }
        writeln!(
            f,
            "\nLines per attribute     attributes  schema and model  whole folder"
        )?;
        for resource in &self.resources {
            let Resource {
                name,
                attributes,
                definition,
                all,
            } = resource;
            let (one, whole) = (
                resource.per_attribute(*definition),
                resource.per_attribute(*all),
            );
            writeln!(f, "  {name:22} {attributes:9}  {one:>16}  {whole:>12}")?;
        }
        writeln!(
            f,
            "  (structs that several objects share are in no folder of a resource)"
        )?;
        let places = self.places.iter().take(TOP);
        writeln!(
            f,
            "\nPlaces per attribute name (source files of the product)"
        )?;
        for (name, files) in places {
            writeln!(f, "  {name:30} {files:4}")?;
        }
        let all: usize = self.circles.values().map(Vec::len).sum();
        writeln!(f, "\nImport circles: {all}")?;
        for (name, circles) in &self.circles {
            for circle in circles {
                writeln!(f, "  {name}: {circle}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Lines, Resource, listed, places};

    #[test]
    fn percentiles_are_of_files() {
        let texts: Vec<String> = (1..=10).map(|lines| "x\n".repeat(lines)).collect();
        let lines = Lines::of(texts.iter().map(String::as_str));
        assert_eq!((lines.files(), lines.total()), (10, 55));
        assert_eq!((lines.percentile(50), lines.percentile(90)), (5, 9));
        assert_eq!(Lines::default().percentile(90), 0);
    }

    #[test]
    fn attributes_are_what_the_reference_lists() {
        let page =
            "# x\n\n- `cluster` (String) Name of `it`.\n- no attribute\n- `port` (Number) Port.\n";
        assert_eq!(listed(page), ["cluster", "port"]);
    }

    #[test]
    fn lines_per_attribute_have_one_digit() {
        let resource = Resource {
            name: "x".to_owned(),
            attributes: 4,
            definition: 50,
            all: 90,
        };
        assert_eq!(resource.per_attribute(resource.definition), "12.5");
        assert_eq!(
            Resource {
                attributes: 0,
                ..resource
            }
            .per_attribute(9),
            "0.0"
        );
    }

    #[test]
    fn a_name_counts_once_in_a_file_and_only_whole() {
        let texts = [
            "health_check, health_check",
            "health_check_path",
            "\"health_check\"",
        ];
        let names = ["health_check".to_owned(), "no_such".to_owned()].into();
        assert_eq!(
            places(&texts, names),
            [("health_check".to_owned(), 2), ("no_such".to_owned(), 0)]
        );
    }
}
