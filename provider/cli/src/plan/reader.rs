//! Reads the document from start to end once. Elements of the lists are handed over one by one; everything else is
//! skipped where it stands, so that memory depends on the largest element and not on the document.

mod configured;

use std::borrow::Cow;
use std::io::{BufReader, Read};
use std::ops::Range;

use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde::de::Error as _;
use serde_json::Value;
use whole_json::{More, Scanner, Stop};

use super::limits::{self, Limits};
use super::{Action, Element, PlanFault, PriorResource, value};
use crate::saved::Sources;

/// Who takes what is read.
pub(crate) trait Sink {
    /// Whether nothing is wanted of an element of `resource_changes` but what its head says; then it is not read.
    fn passes_by(&mut self, _head: &Head<'_>) -> bool {
        false
    }
    /// One element of `resource_drift`.
    fn drift(&mut self, element: Element);
    /// One element of `resource_changes`.
    fn planned(&mut self, element: Element);
    /// One output that changes.
    fn output(&mut self, name: String);
    /// Whether a section is needed, as far as the document has been read; what is not needed is skipped.
    fn wants(&self, _: Section) -> bool {
        false
    }
    /// Whether resources of a type are needed of `prior_state`; others are not read.
    fn takes(&self, _resource_type: &str) -> bool {
        false
    }
    /// One resource of `prior_state`.
    fn prior(&mut self, _: PriorResource) {}
    /// Whether the expressions of a resource are needed; its address has no keys.
    fn asks_for(&self, _address: &str) -> bool {
        false
    }
    /// The expressions of one resource of `configuration`.
    fn configured(&mut self, _address: String, _expressions: Value) {}
    /// `configuration` without its resources: the calls of modules, with their expressions and variables.
    fn configuration(&mut self, _: Value) {}
    /// Values of the root module's variables.
    fn variables(&mut self, _: Value) {}
    /// The sources of the configuration, which only a saved plan has.
    fn sources(&mut self, _: Sources) {}
}

/// Parts of the document that only some plans need.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Section {
    PriorState,
    Configuration,
    Variables,
}

/// What can be said of an element before its values are read.
#[derive(Clone, Debug)]
pub(crate) struct Head<'d> {
    pub(crate) address: Cow<'d, str>,
    pub(crate) resource_type: Cow<'d, str>,
    /// The attributes by which others refer to it, as it is now: `id`, `arn` and `name`.
    pub(crate) names: Vec<Cow<'d, str>>,
    /// The plan does something with it, or may do so: its actions are more than `no-op` and `read`.
    pub(crate) changes: bool,
}

/// What the document says about itself.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PlanSummary {
    /// Version of the plan's format.
    pub format_version: String,
    /// Version of Terraform, when told.
    pub terraform_version: Option<String>,
    /// Terraform failed while planning, so that the plan is a part only.
    pub errored: bool,
    /// What the plan leaves out.
    pub limits: Limits,
}

/// Reads a plan without keeping anything of it but what it says about itself.
///
/// # Errors
///
/// [`PlanFault`] when it is not one whole plan of a known format.
pub fn read_plan(input: &mut dyn Read) -> Result<PlanSummary, PlanFault> {
    read(input, &mut Nobody)
}

struct Nobody;

impl Sink for Nobody {
    fn passes_by(&mut self, _: &Head<'_>) -> bool {
        true
    }
    fn drift(&mut self, _: Element) {}
    fn planned(&mut self, _: Element) {}
    fn output(&mut self, _: String) {}
}

/// Beginnings of a document that are not JSON.
const GZIP: &[u8] = &[0x1f, 0x8b];
pub(crate) const ZIP: &[u8] = b"PK\x03\x04";

pub(crate) fn read(input: &mut dyn Read, sink: &mut dyn Sink) -> Result<PlanSummary, PlanFault> {
    let mut start = [0; GZIP.len()];
    let mut length = 0;
    while length < start.len() {
        let free = start.get_mut(length..).unwrap_or_default();
        match input.read(free).map_err(PlanFault::Unreadable)? {
            0 => break,
            count => length += count,
        }
    }
    let start = start.get(..length).unwrap_or_default();
    let mut input = start.chain(input);
    if start == GZIP {
        let mut unpacked = MultiGzDecoder::new(BufReader::new(input));
        document(&mut unpacked, sink)
    } else {
        document(&mut input, sink)
    }
}

fn document(input: &mut dyn Read, sink: &mut dyn Sink) -> Result<PlanSummary, PlanFault> {
    let mut document = Document {
        scanner: Scanner::new(input),
        sink,
        reading: PlanSummary::default(),
        has_planned_values: false,
    };
    document.skip_to_start()?;
    document.read()?;
    document.read_to_end()?;
    if document.reading.format_version.is_empty() || !document.has_planned_values {
        return Err(PlanFault::NotAPlan);
    }
    Ok(document.reading)
}

impl From<Stop> for PlanFault {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Unreadable(error) => Self::Unreadable(error),
            Stop::Ended => Self::Truncated,
            Stop::Syntax { expected, at } => Self::Malformed(serde_json::Error::custom(format!(
                "expected {expected} after {at} bytes"
            ))),
        }
    }
}

/// The whole document.
struct Document<'s> {
    scanner: Scanner<'s>,
    sink: &'s mut dyn Sink,
    reading: PlanSummary,
    has_planned_values: bool,
}

/// How deep modules may lie in each other.
const DEEPEST: usize = 128;

/// What the wrapper of hashicorp/setup-terraform prints before and behind the output of Terraform.
const WRAPPER: &[&[u8]] = &[b"[command]", b"::"];

impl Document<'_> {
    /// Passes marks, white space and lines of the wrapper before the document, and recognises what people pass by mistake.
    fn skip_to_start(&mut self) -> Result<(), PlanFault> {
        let start = self.scanner.ahead(4)?;
        if start.starts_with(ZIP) {
            return Err(PlanFault::SavedPlan);
        }
        if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) {
            return Err(PlanFault::Utf16);
        }
        if start.starts_with(&[0xef, 0xbb, 0xbf]) {
            self.scanner.pass(3);
        }
        self.skip_wrapper()?;
        match self.scanner.space()? {
            Some(_) => Ok(()),
            None => Err(PlanFault::Empty),
        }
    }

    fn skip_wrapper(&mut self) -> Result<(), PlanFault> {
        loop {
            self.scanner.space()?;
            let ahead = self.scanner.ahead(16)?;
            if !WRAPPER.iter().any(|line| ahead.starts_with(line)) {
                return Ok(());
            }
            self.reading.limits.wrapped = true;
            self.scanner.pass_line()?;
        }
    }

    fn read_to_end(&mut self) -> Result<(), PlanFault> {
        self.skip_wrapper()?;
        match self.scanner.space()? {
            Some(_) => Err(PlanFault::Trailing),
            None => Ok(()),
        }
    }

    fn read(&mut self) -> Result<(), PlanFault> {
        let mut more = self.scanner.begin(b'{', "an object with the plan")?;
        while more == More::Yes {
            let key = self.text_key()?;
            self.field(&key)?;
            more = self.scanner.next(b'{')?;
        }
        Ok(())
    }

    fn field(&mut self, key: &str) -> Result<(), PlanFault> {
        match key {
            "format_version" => {
                self.reading.format_version = self.typed()?;
                self.check_format()?;
            }
            "terraform_version" => self.reading.terraform_version = self.typed()?,
            "errored" => self.reading.errored = self.typed::<Option<bool>>()?.unwrap_or_default(),
            "complete" => {
                self.reading.limits.incomplete = self.typed::<Option<bool>>()? == Some(false);
            }
            "deferred_changes" => {
                let deferred = limits::deferred(&self.parsed()?, "resource_change");
                self.reading.limits.deferred.extend(deferred);
            }
            "deferred_action_invocations" => {
                let deferred = limits::deferred(&self.parsed()?, "action_invocation");
                self.reading.limits.deferred.extend(deferred);
            }
            "checks" => self.reading.limits.checks = limits::checks(&self.parsed()?),
            "action_invocations" => {
                self.reading.limits.actions = limits::actions(&self.parsed()?);
            }
            "resource_drift" => self.elements(List::Drift)?,
            "resource_changes" => self.elements(List::Changes)?,
            "output_changes" => self.outputs()?,
            "prior_state" if self.sink.wants(Section::PriorState) => self.state(DEEPEST)?,
            "configuration" if self.sink.wants(Section::Configuration) => {
                self.configuration()?;
            }
            "variables" if self.sink.wants(Section::Variables) => {
                let variables = self.parsed()?;
                self.sink.variables(variables);
            }
            "@level" | "@message" => return Err(PlanFault::Log),
            "values" => return Err(PlanFault::State),
            _ => {
                self.has_planned_values |= key == "planned_values";
                self.scanner.value()?;
            }
        }
        Ok(())
    }

    fn check_format(&self) -> Result<(), PlanFault> {
        let version = &self.reading.format_version;
        let mut numbers = version.split('.').map(|part| part.parse::<u64>().ok());
        match (numbers.next().flatten(), numbers.next().flatten()) {
            (Some(1), _) | (Some(0), Some(2..)) => Ok(()),
            (major, _) => Err(PlanFault::Format {
                version: version.clone(),
                older: major == Some(0),
            }),
        }
    }

    /// The next value, read whole.
    fn parsed(&mut self) -> Result<Value, PlanFault> {
        self.scanner.keep()?;
        let range = self.scanner.value()?;
        let value = value::parse(self.scanner.part(range)).map_err(PlanFault::Malformed)?;
        self.scanner.release();
        Ok(value)
    }

    fn typed<T: for<'de> Deserialize<'de>>(&mut self) -> Result<T, PlanFault> {
        T::deserialize(self.parsed()?).map_err(PlanFault::Malformed)
    }

    /// A list of elements, or null.
    fn elements(&mut self, list: List) -> Result<(), PlanFault> {
        if self.scanner.null()? {
            return Ok(());
        }
        let mut more = self.scanner.begin(b'[', "a list of changes")?;
        while more == More::Yes {
            self.element(list)?;
            more = self.scanner.next(b'[')?;
        }
        Ok(())
    }

    fn element(&mut self, list: List) -> Result<(), PlanFault> {
        self.scanner.keep()?;
        let places = Places::find(&mut self.scanner)?;
        let end = self.scanner.place();
        let is_wanted = match list {
            List::Drift => true,
            List::Changes => match places.head(&self.scanner)? {
                Some(head) => !self.sink.passes_by(&head),
                None => true,
            },
        };
        if is_wanted {
            let element = value::parse(self.scanner.part(0..end))
                .and_then(element)
                .map_err(PlanFault::Malformed)?;
            match list {
                List::Drift => self.sink.drift(element),
                List::Changes => self.sink.planned(element),
            }
        }
        self.scanner.release();
        Ok(())
    }

    /// What has resources and modules in it: `prior_state`, its values, a module, or a list of modules. They differ only
    /// in their keys.
    fn state(&mut self, deepest: usize) -> Result<(), PlanFault> {
        let Some(deeper) = deepest.checked_sub(1) else {
            return Err(too_deep());
        };
        if self.scanner.null()? {
            return Ok(());
        }
        if self.scanner.token()? == b'[' {
            let mut more = self.scanner.begin(b'[', "a list of modules")?;
            while more == More::Yes {
                self.state(deeper)?;
                more = self.scanner.next(b'[')?;
            }
            return Ok(());
        }
        let mut more = self.scanner.begin(b'{', "a state")?;
        while more == More::Yes {
            match self.text_key()?.as_str() {
                "values" | "root_module" | "child_modules" => self.state(deeper)?,
                "resources" => self.prior_resources()?,
                _ => {
                    self.scanner.value()?;
                }
            }
            more = self.scanner.next(b'{')?;
        }
        Ok(())
    }

    fn prior_resources(&mut self) -> Result<(), PlanFault> {
        if self.scanner.null()? {
            return Ok(());
        }
        let mut more = self.scanner.begin(b'[', "resources of a state")?;
        while more == More::Yes {
            self.prior_resource()?;
            more = self.scanner.next(b'[')?;
        }
        Ok(())
    }

    fn prior_resource(&mut self) -> Result<(), PlanFault> {
        self.scanner.keep()?;
        let places = Places::find(&mut self.scanner)?;
        let end = self.scanner.place();
        let resource_type = places
            .resource_type
            .and_then(|range| unquoted(self.scanner.part(range)))
            .transpose()?;
        if resource_type.is_some_and(|of| self.sink.takes(&of)) {
            let resource = value::parse(self.scanner.part(0..end))
                .and_then(PriorResource::deserialize)
                .map_err(PlanFault::Malformed)?;
            self.sink.prior(resource);
        }
        self.scanner.release();
        Ok(())
    }

    /// The next key of an object.
    fn text_key(&mut self) -> Result<String, PlanFault> {
        self.scanner.keep()?;
        let key = self.scanner.key()?;
        let key = string(self.scanner.part(key))?.into_owned();
        self.scanner.release();
        Ok(key)
    }

    /// The outputs by name, or null. Their values are skipped: an output may be a secret, and only the name is told.
    fn outputs(&mut self) -> Result<(), PlanFault> {
        if self.scanner.null()? {
            return Ok(());
        }
        let mut more = self.scanner.begin(b'{', "changes of outputs by name")?;
        while more == More::Yes {
            self.scanner.keep()?;
            let name = self.scanner.key()?;
            let name = string(self.scanner.part(name))?.into_owned();
            let change = self.scanner.value()?;
            let change: OutputChange =
                serde_json::from_slice(self.scanner.part(change)).map_err(PlanFault::Malformed)?;
            self.scanner.release();
            if change.actions.iter().any(|action| *action != Action::NoOp) {
                self.sink.output(name);
            }
            more = self.scanner.next(b'{')?;
        }
        Ok(())
    }
}

fn too_deep() -> PlanFault {
    PlanFault::Malformed(serde_json::Error::custom("modules are nested too deep"))
}

/// The element in a value. The two sides, which are most of it, are moved and not copied.
fn element(mut value: Value) -> Result<Element, serde_json::Error> {
    let mut side = |name: &str| {
        let side = value
            .get_mut("change")
            .and_then(|change| change.get_mut(name));
        side.map(Value::take).unwrap_or_default()
    };
    let (before, after) = (side("before"), side("after"));
    let mut element = Element::deserialize(value)?;
    element.change.before = before;
    element.change.after = after;
    Ok(element)
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum List {
    Drift,
    Changes,
}

#[derive(Deserialize)]
struct OutputChange {
    actions: Vec<Action>,
}

/// Text between quotation marks.
fn string(inner: &[u8]) -> Result<Cow<'_, str>, PlanFault> {
    if inner.contains(&b'\\') {
        let quoted = [b"\"", inner, b"\""].concat();
        let text: String = serde_json::from_slice(&quoted).map_err(PlanFault::Malformed)?;
        return Ok(text.into());
    }
    let text = str::from_utf8(inner)
        .map_err(|error| PlanFault::Malformed(serde_json::Error::custom(error)))?;
    Ok(text.into())
}

/// Text with its quotation marks; none when it is no text.
fn unquoted(value: &[u8]) -> Option<Result<Cow<'_, str>, PlanFault>> {
    let inner = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    Some(string(inner))
}

/// Where the parts of an element stand that decide whether it is read.
#[derive(Debug, Default)]
struct Places {
    address: Option<Range<usize>>,
    resource_type: Option<Range<usize>>,
    actions: Option<Range<usize>>,
    importing: Option<Range<usize>>,
    /// A left-over object of a replacement, which has the address of the resource.
    deposed: bool,
    /// `id`, `arn` and `name` as they are now.
    names: Vec<Range<usize>>,
}

impl Places {
    /// Passes an element.
    fn find(scanner: &mut Scanner<'_>) -> Result<Self, Stop> {
        let mut places = Self::default();
        let mut more = scanner.begin(b'{', "an object with a change")?;
        while more == More::Yes {
            let key = scanner.key()?;
            match scanner.part(key) {
                b"address" => places.address = Some(scanner.value()?),
                b"type" => places.resource_type = Some(scanner.value()?),
                b"deposed" => places.deposed = !scanner.null()? && !scanner.value()?.is_empty(),
                b"change" => places.find_in_change(scanner)?,
                _ => {
                    scanner.value()?;
                }
            }
            more = scanner.next(b'{')?;
        }
        Ok(places)
    }

    fn find_in_change(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Stop> {
        if scanner.null()? {
            return Ok(());
        }
        let mut more = scanner.begin(b'{', "an object with a change")?;
        while more == More::Yes {
            let key = scanner.key()?;
            match scanner.part(key) {
                b"actions" => self.actions = Some(scanner.value()?),
                b"importing" => self.importing = Some(scanner.value()?),
                b"before" => self.find_names(scanner)?,
                _ => {
                    scanner.value()?;
                }
            }
            more = scanner.next(b'{')?;
        }
        Ok(())
    }

    fn find_names(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Stop> {
        if scanner.token()? != b'{' {
            scanner.value()?;
            return Ok(());
        }
        let mut more = scanner.begin(b'{', "an object")?;
        while more == More::Yes {
            let key = scanner.key()?;
            let is_name = matches!(scanner.part(key), b"id" | b"arn" | b"name");
            let value = scanner.value()?;
            if is_name {
                self.names.push(value);
            }
            more = scanner.next(b'{')?;
        }
        Ok(())
    }

    /// None when a part is missing, so that the element has to be read to see what is wrong.
    fn head<'d>(&self, scanner: &'d Scanner<'_>) -> Result<Option<Head<'d>>, PlanFault> {
        let (Some(address), Some(resource_type), Some(actions)) =
            (&self.address, &self.resource_type, &self.actions)
        else {
            return Ok(None);
        };
        if self.deposed {
            return Ok(None);
        }
        let part = |range: &Range<usize>| scanner.part(range.clone());
        let (Some(address), Some(resource_type)) =
            (unquoted(part(address)), unquoted(part(resource_type)))
        else {
            return Ok(None);
        };
        let imports = self
            .importing
            .as_ref()
            .is_some_and(|range| part(range) != b"null");
        Ok(Some(Head {
            address: address?,
            resource_type: resource_type?,
            names: self
                .names
                .iter()
                .filter_map(|name| unquoted(part(name)))
                .collect::<Result<_, _>>()?,
            changes: imports || !matches!(part(actions), b"[\"no-op\"]" | b"[\"read\"]"),
        }))
    }
}
