//! An XML document as a tree: the answers that are read here are small.

/// An element: its name without namespace, its text, the elements in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    name: String,
    text: String,
    within: Vec<Self>,
}

impl Element {
    /// The root of a document; `None` when it is not XML.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?;
        let document = roxmltree::Document::parse(text).ok()?;
        Some(Self::of(document.root_element()))
    }

    fn of(node: roxmltree::Node<'_, '_>) -> Self {
        Self {
            name: node.tag_name().name().to_owned(),
            text: node.text().unwrap_or_default().trim().to_owned(),
            within: node
                .children()
                .filter(roxmltree::Node::is_element)
                .map(Self::of)
                .collect(),
        }
    }

    /// Adds the lists of the next page of the same answer.
    pub(super) fn extend(&mut self, next: Self) {
        for list in next.within {
            let mut known = self.within.iter_mut();
            match known.find(|known| known.name == list.name) {
                Some(known) => known.within.extend(list.within),
                None => self.within.push(list),
            }
        }
    }

    /// The first element of this name directly in it.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.within.iter().find(|element| element.name == name)
    }

    /// What a list holds: EC2 calls each entry `item`, the other services `member` or by the kind of the entry.
    pub(crate) fn entries(&self, list: &str) -> impl Iterator<Item = &Self> {
        self.child(list).into_iter().flat_map(|list| &list.within)
    }

    /// The text of the element of this name directly in it; `None` when it is not there or empty.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name)
            .map(|element| element.text.as_str())
            .filter(|text| !text.is_empty())
    }

    /// The text of the element itself.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The first element of this name at any depth.
    pub(crate) fn anywhere(&self, name: &str) -> Option<&Self> {
        self.child(name).or_else(|| {
            self.within
                .iter()
                .find_map(|element| element.anywhere(name))
        })
    }
}
