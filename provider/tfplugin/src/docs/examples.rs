//! The example files of a page.

use super::{Book, Kind};

/// The examples of one page in reading order: the one every registry expects first, then the others by name.
pub(super) fn section(kind: Kind, name: &str, book: &Book) -> String {
    let first = match kind {
        Kind::Resource => "resource.tf",
        Kind::DataSource => "data-source.tf",
        Kind::Ephemeral => "ephemeral-resource.tf",
        Kind::List => "list-resource.tfquery.hcl",
        Kind::Action => "action.tf",
        Kind::Function => "function.tf",
    };
    below(&format!("{}/{name}/", kind.folder()), first, book)
}

/// The examples below `folder` under a heading of their own; nothing when there are none.
pub(super) fn below(folder: &str, first: &str, book: &Book) -> String {
    let mut files: Vec<(&str, &str)> = book
        .examples
        .iter()
        .filter_map(|(path, text)| Some((path.strip_prefix(folder)?, text.as_str())))
        .filter(|(file, _)| !file.contains('/') && !file.starts_with("import"))
        .filter(|(file, _)| file.ends_with(".tf") || file.ends_with(".tfquery.hcl"))
        .collect();
    files.sort_by_key(|(file, _)| (*file != first, *file));
    if files.is_empty() {
        return String::new();
    }
    let mut text = "## Example Usage\n\n".to_owned();
    for (_, source) in files {
        text += &code("terraform", source);
    }
    text
}

/// A code block; the comment a file begins with becomes the paragraph before it.
pub(super) fn code(language: &str, source: &str) -> String {
    let comment: Vec<&str> = source
        .lines()
        .map_while(|line| line.strip_prefix('#'))
        .map(str::trim)
        .collect();
    let rest: Vec<&str> = source.lines().skip(comment.len()).collect();
    let mut text = String::new();
    if !comment.is_empty() {
        text += &format!("{}\n\n", comment.join("\n"));
    }
    text += &format!("```{language}\n{}\n```\n\n", rest.join("\n").trim());
    text
}
