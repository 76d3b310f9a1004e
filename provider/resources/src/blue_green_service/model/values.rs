//! Values of attributes: the shapes that several models have, and how they are read and made.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::value::{Attr, Set};

use crate::blue_green_service::words::StageWord;

/// The value, or for null its default; `None` while it is unknown.
pub(crate) fn or_default<'a, T>(value: &'a Attr<T>, default: &'a Attr<T>) -> Option<&'a T> {
    value.as_ref().or(default.as_ref()).into_known()
}

/// A set, each of whose elements may be unknown.
pub(crate) type SetOf<T> = Attr<Set<Attr<T>>>;

/// A set attribute with text elements, each of which may be unknown.
pub(crate) type TextSet = SetOf<String>;

/// The elements, if all of them are known.
pub(crate) fn known_set<T: Clone + Ord>(set: &SetOf<T>) -> Option<BTreeSet<T>> {
    set.known()?
        .iter()
        .map(|element| element.known().cloned())
        .collect()
}

/// A wholly known set.
pub(in crate::blue_green_service) fn text_set<'a>(
    elements: impl IntoIterator<Item = &'a String>,
) -> TextSet {
    Attr::Known(elements.into_iter().cloned().map(Attr::Known).collect())
}

/// A wholly known set of stages.
pub(in crate::blue_green_service) fn stages(
    words: impl IntoIterator<Item = impl ToString>,
) -> SetOf<StageWord> {
    let words = words
        .into_iter()
        .map(|word| StageWord::parse(&word.to_string()));
    Attr::Known(words.map(Attr::Known).collect())
}

/// A list of structures, each of which may be unknown.
pub(crate) type List<T> = Attr<Vec<Attr<T>>>;

/// The elements that are known, each with its index.
pub(in crate::blue_green_service) fn known_elements<T>(
    list: &List<T>,
) -> impl Iterator<Item = (i64, &T)> {
    let elements = (0..).zip(list.known().into_iter().flatten());
    elements.filter_map(|(index, element)| Some((index, element.known()?)))
}

/// The elements, if all of them are known; none for null.
pub(crate) fn whole_list<T>(list: &List<T>) -> Option<Vec<&T>> {
    match list {
        Attr::Null => Some(Vec::new()),
        Attr::Unknown => None,
        Attr::Known(elements) => elements.iter().map(Attr::known).collect(),
    }
}

/// A wholly known list; null when there is nothing in it.
pub(in crate::blue_green_service) fn list_or_null<T>(
    elements: impl IntoIterator<Item = T>,
) -> List<T> {
    let elements: Vec<_> = elements.into_iter().map(Attr::Known).collect();
    if elements.is_empty() {
        Attr::Null
    } else {
        Attr::Known(elements)
    }
}

/// A map attribute with text elements, each of which may be unknown.
pub(crate) type TextMap = Attr<BTreeMap<String, Attr<String>>>;

/// The elements, if all of them are known; none for null.
pub(crate) fn known_map(map: &TextMap) -> Option<BTreeMap<String, String>> {
    match map {
        Attr::Unknown => None,
        Attr::Null => Some(BTreeMap::new()),
        Attr::Known(elements) => elements
            .iter()
            .map(|(key, value)| Some((key.clone(), value.known()?.clone())))
            .collect(),
    }
}

/// A wholly known map.
pub(in crate::blue_green_service) fn text_map(elements: BTreeMap<String, String>) -> TextMap {
    Attr::Known(
        elements
            .into_iter()
            .map(|(key, value)| (key, Attr::Known(value)))
            .collect(),
    )
}
