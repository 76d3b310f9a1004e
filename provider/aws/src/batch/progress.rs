//! What a plan has asked for in one lane, and what it may ask for.

use std::collections::{HashSet, VecDeque};
use std::hash::Hash;

/// Keys of a lane that are asked for before others are read with them: as many as Terraform has on the way by default.
pub(crate) const FEW: usize = 10;

/// See the module.
pub(super) struct Progress<K> {
    asked: HashSet<K>,
    /// Of those, how many were being read ahead.
    hits: usize,
    /// How many were read ahead altogether.
    sent: usize,
    /// Every key that was ever offered.
    known: HashSet<K>,
    /// Those that nobody has read.
    offered: VecDeque<K>,
}

impl<K> Default for Progress<K> {
    fn default() -> Self {
        Self {
            asked: HashSet::new(),
            hits: 0,
            sent: 0,
            known: HashSet::new(),
            offered: VecDeque::new(),
        }
    }
}

impl<K: Clone + Eq + Hash> Progress<K> {
    /// A key is asked for.
    pub(super) fn ask(&mut self, key: &K, is_ahead: bool) {
        if self.asked.insert(key.clone()) {
            self.hits = self.hits.saturating_add(usize::from(is_ahead));
        }
    }

    pub(super) fn is_many(&self) -> bool {
        self.asked.len() > FEW
    }

    pub(super) fn asked(&self) -> usize {
        self.asked.len()
    }

    pub(super) fn offer(&mut self, keys: impl IntoIterator<Item = K>) {
        for key in keys {
            if !self.asked.contains(&key) && self.known.insert(key.clone()) {
                self.offered.push_back(key);
            }
        }
    }

    pub(super) fn offered(&self) -> usize {
        self.offered.len()
    }

    /// Up to so many keys that were offered and not asked for.
    pub(super) fn take(&mut self, room: usize) -> Vec<K> {
        let mut taken = Vec::new();
        while taken.len() < room
            && let Some(key) = self.offered.pop_front()
        {
            if !self.asked.contains(&key) {
                taken.push(key);
            }
        }
        taken
    }

    /// The keys of calls to make ahead: whole calls only, and no more keys than were asked for are ever waiting for
    /// their readers.
    pub(super) fn take_ahead(&mut self, limit: usize) -> Vec<Vec<K>> {
        let mut calls = Vec::new();
        while self.is_many() && self.offered.len() >= limit {
            let waiting = self.sent.saturating_sub(self.hits);
            if self.asked.len().saturating_sub(waiting) < limit {
                break;
            }
            let keys = self.take(limit);
            if keys.is_empty() {
                break;
            }
            self.sent = self.sent.saturating_add(keys.len());
            calls.push(keys);
        }
        calls
    }
}
