//! `configuration`, read resource by resource: it is as large as the sources, and few of its resources are asked for.

use serde_json::{Map, Value};
use whole_json::More;

use super::{DEEPEST, Document, Places, too_deep, unquoted};
use crate::plan::{PlanFault, value};

impl Document<'_> {
    /// `configuration`: each resource is handed over by itself.
    pub(super) fn configuration(&mut self) -> Result<(), PlanFault> {
        if self.scanner.null()? {
            return Ok(());
        }
        let mut document = Map::new();
        let mut more = self.scanner.begin(b'{', "a configuration")?;
        while more == More::Yes {
            if self.text_key()? == "root_module" {
                let module = self.configured_module("", DEEPEST)?;
                document.insert("root_module".to_owned(), module);
            } else {
                self.scanner.value()?;
            }
            more = self.scanner.next(b'{')?;
        }
        self.sink.configuration(document.into());
        Ok(())
    }

    /// A module whose resources have addresses that begin with `prefix`.
    fn configured_module(&mut self, prefix: &str, deepest: usize) -> Result<Value, PlanFault> {
        let Some(deeper) = deepest.checked_sub(1) else {
            return Err(too_deep());
        };
        let mut module = Map::new();
        if self.scanner.null()? {
            return Ok(module.into());
        }
        let mut more = self.scanner.begin(b'{', "a module")?;
        while more == More::Yes {
            match self.text_key()?.as_str() {
                "resources" => self.configured_resources(prefix)?,
                "module_calls" => {
                    let calls = self.module_calls(prefix, deeper)?;
                    module.insert("module_calls".to_owned(), calls);
                }
                "variables" => {
                    module.insert("variables".to_owned(), self.parsed()?);
                }
                _ => {
                    self.scanner.value()?;
                }
            }
            more = self.scanner.next(b'{')?;
        }
        Ok(module.into())
    }

    fn module_calls(&mut self, prefix: &str, deepest: usize) -> Result<Value, PlanFault> {
        let mut calls = Map::new();
        if self.scanner.null()? {
            return Ok(calls.into());
        }
        let mut more = self.scanner.begin(b'{', "calls of modules by name")?;
        while more == More::Yes {
            let name = self.text_key()?;
            let inner = format!("{prefix}module.{name}.");
            calls.insert(name, self.module_call(&inner, deepest)?);
            more = self.scanner.next(b'{')?;
        }
        Ok(calls.into())
    }

    fn module_call(&mut self, prefix: &str, deepest: usize) -> Result<Value, PlanFault> {
        let mut call = Map::new();
        if self.scanner.null()? {
            return Ok(call.into());
        }
        let mut more = self.scanner.begin(b'{', "a call of a module")?;
        while more == More::Yes {
            match self.text_key()?.as_str() {
                "expressions" => {
                    call.insert("expressions".to_owned(), self.parsed()?);
                }
                "module" => {
                    let module = self.configured_module(prefix, deepest)?;
                    call.insert("module".to_owned(), module);
                }
                _ => {
                    self.scanner.value()?;
                }
            }
            more = self.scanner.next(b'{')?;
        }
        Ok(call.into())
    }

    fn configured_resources(&mut self, prefix: &str) -> Result<(), PlanFault> {
        if self.scanner.null()? {
            return Ok(());
        }
        let mut more = self.scanner.begin(b'[', "resources of a configuration")?;
        while more == More::Yes {
            self.scanner.keep()?;
            let places = Places::find(&mut self.scanner)?;
            let end = self.scanner.place();
            let address = places
                .address
                .and_then(|range| unquoted(self.scanner.part(range)))
                .transpose()?;
            let address = address.map(|address| format!("{prefix}{address}"));
            if let Some(address) = address.filter(|address| self.sink.asks_for(address)) {
                let mut resource =
                    value::parse(self.scanner.part(0..end)).map_err(PlanFault::Malformed)?;
                let expressions = resource.get_mut("expressions").map(Value::take);
                self.sink
                    .configured(address, expressions.unwrap_or_default());
            }
            self.scanner.release();
            more = self.scanner.next(b'[')?;
        }
        Ok(())
    }
}
