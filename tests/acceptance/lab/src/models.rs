//! AWS's own descriptions of its APIs, as botocore has them: the lab refuses what they do not allow and notes where its
//! own answers differ from them.
//!
//! The models are not part of this project. They are installed like moto is, and a lab without them
//! answers as one with them, but takes inputs that AWS would refuse.

mod check;
mod install;
mod known;
mod refusal;
mod shape;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::Value;

use crate::protocol::{Protocol, Refusal, names};
use check::{Broken, Spelling, violations};
use shape::{Model, Operation};

pub use install::{AWSCLI_VERSION, BOTOCORE_VERSION, ModelPackages, install};

/// Where botocore keeps what services, by the names under which the lab logs their calls.
const FOLDERS: [(&str, &str); 12] = [
    ("application-autoscaling", "application-autoscaling"),
    ("cloudwatch", "cloudwatch"),
    ("codedeploy", "codedeploy"),
    ("ecr", "ecr"),
    ("ecs", "ecs"),
    ("elbv2", "elbv2"),
    ("lambda", "lambda"),
    ("logs", "logs"),
    ("secretsmanager", "secretsmanager"),
    ("servicequotas", "service-quotas"),
    ("ssm", "ssm"),
    ("sts", "sts"),
];

/// Why there are no models.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelsError {
    /// The folder does not hold a service's model.
    #[error(
        "{} holds no model of {service}: it has to be the folder `botocore/data`, with SERVICE/VERSION/service-2.json.gz",
        folder.display()
    )]
    Absent {
        /// The folder given.
        folder: PathBuf,
        /// botocore's name of the service.
        service: &'static str,
    },
    /// A model cannot be read.
    #[error("the model {} cannot be read: {detail}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// The reason.
        detail: String,
    },
}

/// The models of the services that the lab answers for. Each is read when its service is first called.
#[derive(Debug)]
pub(crate) struct Models {
    files: BTreeMap<&'static str, PathBuf>,
    read: BTreeMap<&'static str, OnceLock<Option<Model>>>,
    deviations: Mutex<BTreeSet<String>>,
}

impl Models {
    /// The models in a folder laid out like `botocore/data`.
    pub(crate) fn open(folder: &Path) -> Result<Self, ModelsError> {
        let mut files = BTreeMap::new();
        for (name, service) in FOLDERS {
            let absent = || ModelsError::Absent {
                folder: folder.to_owned(),
                service,
            };
            files.insert(name, newest(&folder.join(service)).ok_or_else(absent)?);
        }
        Ok(Self {
            files,
            read: FOLDERS.map(|(name, _)| (name, OnceLock::new())).into(),
            deviations: Mutex::default(),
        })
    }

    /// Refuses an input that the operation's model does not allow, as AWS does.
    pub(crate) fn check_input(
        &self,
        service: &str,
        operation: &str,
        protocol: Protocol,
        input: &Value,
    ) -> Result<(), Refusal> {
        let Some((model, described)) = self.operation(service, operation) else {
            return Ok(());
        };
        let spelling = match protocol {
            Protocol::Query { .. } | Protocol::Ec2Query => Spelling::Form,
            Protocol::Json(_) | Protocol::RpcV2Cbor | Protocol::RestJson | Protocol::RestXml => {
                Spelling::Typed
            }
        };
        let found = match &described.input {
            Some(shape) => violations(model, shape, input, spelling),
            None => Vec::new(),
        };
        let (ignored, refused): (Vec<_>, Vec<_>) = found
            .into_iter()
            .partition(|violation| matches!(violation.broken, Broken::Unknown));
        // AWS passes over what it does not know; whoever sent it thinks that it means something.
        for violation in ignored {
            self.note(format!("{service} {operation}: the input's {violation}"));
        }
        if refused.is_empty() {
            return Ok(());
        }
        Err(refusal::of(
            service, operation, model, described, protocol, &refused,
        ))
    }

    /// Notes where an answer is not what the operation's model says.
    pub(crate) fn check_answer(
        &self,
        service: &str,
        operation: &str,
        protocol: Protocol,
        answer: Result<&Value, &Refusal>,
    ) {
        let Some((model, described)) = self.operation(service, operation) else {
            return;
        };
        match answer {
            Ok(output) => {
                let found = match &described.output {
                    Some(shape) => violations(model, shape, output, Spelling::Typed),
                    None => Vec::new(),
                };
                for violation in found {
                    if !known::is_known(service, operation, &violation) {
                        self.note(format!("{service} {operation}: the answer's {violation}"));
                    }
                }
                if matches!(protocol, Protocol::Query { .. } | Protocol::RpcV2Cbor)
                    && let Some(shape) = &described.output
                {
                    for place in model.misnamed(shape, output, names::is_timestamp) {
                        self.note(format!(
                            "{service} {operation}: the answer's {place} is or is not a timestamp, unlike its spelling"
                        ));
                    }
                }
            }
            Err(refusal) => {
                let declared = model.error_codes(described);
                if !declared.contains(refusal.code.as_str())
                    && !refusal::is_common(&refusal.code)
                    && !known::is_known_error(service, operation, &refusal.code)
                {
                    self.note(format!(
                        "{service} {operation}: the error {} is none of the operation's",
                        refusal.code
                    ));
                }
            }
        }
    }

    /// Where the lab's answers, or inputs it was sent, differ from the models; each once.
    pub(crate) fn deviations(&self) -> Vec<String> {
        let deviations = self
            .deviations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        deviations.iter().cloned().collect()
    }

    fn note(&self, deviation: String) {
        let mut deviations = self
            .deviations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        deviations.insert(deviation);
    }

    /// `None` when the service is none of those whose models are here, or has no such operation: the lab refuses that
    /// by itself.
    fn operation(&self, service: &str, operation: &str) -> Option<(&Model, &Operation)> {
        let (name, read) = self.read.get_key_value(service)?;
        let model = read.get_or_init(|| {
            let file = self.files.get(name)?;
            Model::read(file)
                .map_err(|detail| {
                    let file = file.clone();
                    self.note(ModelsError::Unreadable { file, detail }.to_string());
                })
                .ok()
        });
        let model = model.as_ref()?;
        let described = model.operations.get(operation)?;
        Some((model, described))
    }
}

/// The model of a service's newest version: versions are dates.
fn newest(service: &Path) -> Option<PathBuf> {
    let versions = std::fs::read_dir(service).ok()?;
    let mut versions: Vec<PathBuf> = versions
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    versions.sort();
    versions.iter().rev().find_map(|version| {
        ["service-2.json.gz", "service-2.json"]
            .map(|name| version.join(name))
            .into_iter()
            .find(|file| file.is_file())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::protocol::JsonVersion;

    const JSON: Protocol = Protocol::Json(JsonVersion::V1_1);
    const FORM: Protocol = Protocol::Query { namespace: "" };

    /// A service of one operation.
    fn models(folder: &Path) -> Models {
        let shapes = json!({
            "Input": {"type": "structure", "required": ["Names"], "members": {
                "Names": {"shape": "Names"}, "Size": {"shape": "Size"}, "Secret": {"shape": "Secret"},
            }},
            "Output": {"type": "structure", "required": ["Made"], "members": {
                "Made": {"shape": "Moment"}, "Word": {"shape": "Word"}, "Size": {"shape": "Size"},
            }},
            "Names": {"type": "list", "member": {"shape": "Name"}, "max": 2},
            "Name": {"type": "string", "min": 1, "max": 3, "pattern": "[a-z]*"},
            "Size": {"type": "integer", "min": 1, "max": 9},
            "Secret": {"type": "string", "min": 8, "sensitive": true},
            "Word": {"type": "string", "enum": ["A", "B"]},
            "Moment": {"type": "timestamp"},
            "Gone": {"type": "structure", "members": {}, "error": {"code": "NotThere"}},
        });
        let operation = json!({
            "input": {"shape": "Input"}, "output": {"shape": "Output"}, "errors": [{"shape": "Gone"}],
        });
        let model = json!({"operations": {"Make": operation}, "shapes": shapes});
        let file = folder.join("service-2.json");
        std::fs::write(&file, model.to_string()).unwrap();
        Models {
            files: [("elbv2", file)].into(),
            read: [("elbv2", OnceLock::new())].into(),
            deviations: Mutex::default(),
        }
    }

    fn refusal(models: &Models, protocol: Protocol, input: &Value) -> (String, String) {
        let refusal = models
            .check_input("elbv2", "Make", protocol, input)
            .unwrap_err();
        (refusal.code, refusal.message)
    }

    #[test]
    fn inputs_are_refused_in_awss_words() {
        let folder = tempfile::tempdir().unwrap();
        let models = models(folder.path());
        let cases = [
            (
                json!({}),
                "Value null at 'names' failed to satisfy constraint: Member must not be null",
            ),
            (
                json!({"Names": ["abcd"]}),
                "Value 'abcd' at 'names.1.member' failed to satisfy constraint: \
                 Member must have length less than or equal to 3",
            ),
            (
                json!({"Names": ["A"]}),
                "Value 'A' at 'names.1.member' failed to satisfy constraint: \
                 Member must satisfy regular expression pattern: [a-z]*",
            ),
            (
                json!({"Names": [], "Size": 10}),
                "Value '10' at 'size' failed to satisfy constraint: \
                 Member must have value less than or equal to 9",
            ),
            (
                json!({"Names": [], "Secret": "hush"}),
                "Value at 'secret' failed to satisfy constraint: \
                 Member must have length greater than or equal to 8",
            ),
        ];
        for (input, sentence) in cases {
            let expected = format!("1 validation error detected: {sentence}");
            assert_eq!(
                refusal(&models, JSON, &input),
                ("ValidationError".to_owned(), expected)
            );
        }
        let both = refusal(&models, JSON, &json!({"Size": 0})).1;
        assert!(both.starts_with("2 validation errors detected: "), "{both}");
    }

    #[test]
    fn what_cannot_be_read_is_refused_before_any_rule() {
        let folder = tempfile::tempdir().unwrap();
        let models = models(folder.path());
        let numbered = json!({"Names": ["a"], "Size": "5"});
        assert_eq!(
            refusal(&models, JSON, &numbered),
            (
                "SerializationException".to_owned(),
                "STRING_VALUE can not be converted to Integer".to_owned()
            )
        );
        models
            .check_input("elbv2", "Make", FORM, &numbered)
            .unwrap();
        for input in [
            json!({"Names": ["a"], "Size": "five"}),
            json!({"Names": ["a"], "Size": "5.5"}),
            json!({"Names": "a"}),
        ] {
            assert_eq!(refusal(&models, FORM, &input).0, "MalformedInput");
        }
        models
            .check_input("elbv2", "Make", FORM, &json!({"Names": ""}))
            .unwrap();
        let nothing = refusal(&models, FORM, &json!("")).1;
        assert!(nothing.contains("at 'names'"), "{nothing}");
    }

    #[test]
    fn answers_that_differ_are_noted_once() {
        let folder = tempfile::tempdir().unwrap();
        let models = models(folder.path());
        let answers = |answer: Value| models.check_answer("elbv2", "Make", JSON, Ok(&answer));
        answers(json!({"Made": 1.5, "Word": "A"}));
        assert_eq!(models.deviations(), Vec::<String>::new());
        for _ in 0..2 {
            answers(json!({"Word": "C", "Size": 0, "More": 1}));
        }
        let error = |code: &str| {
            models.check_answer("elbv2", "Make", JSON, Err(&Refusal::new(400, code, "")));
        };
        error("NotThere");
        error("Throttling");
        error("Gone");
        error("Elsewhere");
        models
            .check_input("elbv2", "Make", JSON, &json!({"Names": [], "Nmaes": []}))
            .unwrap();
        assert_eq!(
            models.deviations(),
            [
                "elbv2 Make: the answer's Made is required and missing",
                "elbv2 Make: the answer's More is no member",
                "elbv2 Make: the answer's Size is below 1: 0",
                "elbv2 Make: the answer's Word is none of the words: C",
                "elbv2 Make: the error Elsewhere is none of the operation's",
                "elbv2 Make: the input's Nmaes is no member",
            ]
        );
    }

    #[test]
    fn a_folder_without_models_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let refused = Models::open(folder.path()).unwrap_err().to_string();
        assert!(refused.contains("application-autoscaling"), "{refused}");
    }
}
