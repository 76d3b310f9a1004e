//! What is found, and what is left alone.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use switchyard_lint::{Fault, Finding, Folders, Outcome, Schemas, TextFile, lint};

/// Files in memory, by path.
#[derive(Default)]
struct Memory(BTreeMap<PathBuf, String>);

impl Folders for Memory {
    fn read(&self, folder: &Path) -> io::Result<Vec<TextFile>> {
        let files = self
            .0
            .iter()
            .filter(|(path, _)| path.parent() == Some(folder));
        let files: Vec<_> = files
            .map(|(path, text)| TextFile {
                name: path.file_name().unwrap().to_str().unwrap().to_owned(),
                text: text.clone(),
            })
            .collect();
        match files.is_empty() {
            true => Err(io::ErrorKind::NotFound.into()),
            false => Ok(files),
        }
    }
}

/// A provider `shop` with attributes of each kind, and one of the same types under another name.
const SCHEMAS: &str = r#"{
  "format_version": "1.0",
  "provider_schemas": {
    "registry.terraform.io/example/shop": {
      "provider": { "version": 0, "block": { "attributes": {
        "defaults": { "nested_type": { "nesting_mode": "single", "attributes": { "region": { "type": "string" } } } }
      } } },
      "resource_schemas": { "shop_service": { "version": 0, "block": {
        "attributes": {
          "name": { "type": "string" },
          "labels": { "type": ["map", "string"] },
          "anything": { "type": "dynamic" },
          "deployment": { "nested_type": { "nesting_mode": "single", "attributes": {
            "bake_time": { "type": "string" },
            "alarms": { "nested_type": { "nesting_mode": "list", "attributes": {
              "name": { "type": "string" }, "rollback": { "type": "bool" }
            } } }
          } } },
          "containers": { "nested_type": { "nesting_mode": "map", "attributes": {
            "image": { "type": "string" }, "environment": { "type": ["map", "string"] }
          } } },
          "ingress": { "type": ["set", ["object", { "from_port": "number", "to_port": "number" }]] },
          "pair": { "type": ["tuple", [["object", { "left": "string" }], "string"]] }
        },
        "block_types": { "network": { "nesting_mode": "list", "block": { "attributes": {
          "rules": { "type": ["list", ["object", { "port": "number" }]] }
        } } } }
      } } },
      "data_source_schemas": { "shop_service": { "version": 0, "block": { "attributes": {
        "filter": { "type": ["object", { "values": ["list", "string"] }] }
      } } } }
    }
  }
}"#;

const HEAD: &str =
    "terraform {\n  required_providers {\n    shop = { source = \"example/shop\" }\n  }\n}\n";

fn linted(files: &[(&str, &str)], manifest: Option<&str>) -> Result<Outcome, Fault> {
    let mut memory = Memory::default();
    for (path, text) in files {
        memory.0.insert(PathBuf::from(path), (*text).to_owned());
    }
    let schemas = Schemas::read(SCHEMAS).unwrap();
    lint(&memory, Path::new("root"), manifest, &schemas)
}

fn found(main: &str) -> Vec<Finding> {
    let outcome = linted(&[("root/main.tf", &format!("{HEAD}{main}"))], None);
    outcome
        .unwrap_or_else(|fault| panic!("{fault}\n{main}"))
        .findings
}

/// `place.key -> nearest`, in order.
fn told(main: &str) -> Vec<String> {
    let told = found(main).into_iter().map(|finding| {
        let nearest = finding.nearest.unwrap_or_else(|| "?".to_owned());
        format!("{}.{} -> {nearest}", finding.place, finding.key)
    });
    told.collect()
}

fn service(arguments: &str) -> String {
    format!("resource \"shop_service\" \"web\" {{\n{arguments}\n}}\n")
}

#[test]
fn keys_are_found_wherever_an_object_is_written() {
    const WEB: &str = "shop_service.web";
    for (arguments, expected) in [
        (
            "deployment = { bake_tme = \"2m\" }",
            "deployment.bake_tme -> bake_time",
        ),
        (
            "deployment = { \"bake_tme\" = \"2m\" }",
            "deployment.bake_tme -> bake_time",
        ),
        (
            "deployment = { (\"bake_tme\") : \"2m\" }",
            "deployment.bake_tme -> bake_time",
        ),
        ("deployment = { alarm = [] }", "deployment.alarm -> alarms"),
        (
            "deployment = { alarms = [{ name = \"a\" }, { nme = \"b\" }] }",
            "deployment.alarms[1].nme -> name",
        ),
        (
            "deployment = { alarms = [for a in var.alarms : { nme = a }] }",
            "deployment.alarms[*].nme -> name",
        ),
        (
            "deployment = { alarms = concat(var.alarms, [{ nme = \"a\" }]) }",
            "deployment.alarms[0].nme -> name",
        ),
        (
            "deployment = { alarms = flatten([[for a in var.alarms : [{ nme = a }]], var.more]) }",
            "deployment.alarms[0][*][0].nme -> name",
        ),
        (
            "deployment = var.big ? { bake_tme = \"2m\" } : null",
            "deployment.bake_tme -> bake_time",
        ),
        (
            "deployment = merge(var.deployment, { bake_tme = \"2m\" })",
            "deployment.bake_tme -> bake_time",
        ),
        (
            "deployment = merge([for x in var.all : { bake_tme = x }]...)",
            "deployment[*].bake_tme -> bake_time",
        ),
        (
            "deployment = try(var.deployment, ({ bake_tme = \"2m\" }))",
            "deployment.bake_tme -> bake_time",
        ),
        (
            "deployment = { dev = { bake_tme = \"2m\" }, prod = null }[var.stage]",
            "deployment[\"dev\"].bake_tme -> bake_time",
        ),
        (
            "deployment = lookup(var.all, var.stage, { bake_tme = \"2m\" })",
            "deployment.bake_tme -> bake_time",
        ),
        (
            "containers = { app = { image = \"a\", enviroment = {} } }",
            "containers[\"app\"].enviroment -> environment",
        ),
        (
            "containers = { for name, image in var.images : name => { imge = image } }",
            "containers[*].imge -> image",
        ),
        (
            "containers = zipmap(var.names, [{ imge = \"a\" }])",
            "containers[0].imge -> image",
        ),
        (
            "ingress = [{ from_port = 1, to_prt = 2 }]",
            "ingress[0].to_prt -> to_port",
        ),
        (
            "ingress = toset(values({ a = { from_prt = 1 } }))",
            "ingress[\"a\"].from_prt -> from_port",
        ),
        (
            "pair = [{ left = \"a\", lft = \"b\" }, \"c\"]",
            "pair[0].lft -> left",
        ),
        (
            "network {\n  rules = [{ prt = 1 }]\n}",
            "network.rules[0].prt -> port",
        ),
        (
            "dynamic \"network\" {\n  for_each = var.all\n  content {\n    rules = [{ prt = 1 }]\n  }\n}",
            "network.rules[0].prt -> port",
        ),
    ] {
        assert_eq!(
            told(&service(arguments)),
            [format!("{WEB}.{expected}")],
            "{arguments}"
        );
    }
}

#[test]
fn what_has_no_known_type_is_left_alone() {
    for arguments in [
        "labels = { whatever = \"a\" }",
        "containers = { app = { environment = { WHATEVER = \"a\" } } }",
        "anything = { whatever = { deep = 1 } }",
        "deployment = { (var.key) = \"2m\" }",
        "deployment = { \"${var.key}\" = \"2m\" }",
        "deployment = local.deployment",
        "deployment = provider::shop::deployment({ whatever = 1 })",
        "deployment = jsondecode(jsonencode({ whatever = 1 }))",
        "deployment = unknown_function({ whatever = 1 })",
        "deployment = { bake_time = { whatever = 1 }.whatever }",
        "deployment = [for d in [{ whatever = 1 }] : { bake_time = d.whatever }][0]",
        "deployment = { for k, v in { whatever = 1 } : k => v }",
        "containers = { for k, v in { whatever = { x = 1 } } : k => { image = v.x } }",
        "name = \"${{ whatever = 1 }.whatever}\"",
        "whatever = { x = 1 }",
        "lifecycle {\n  ignore_changes = [name]\n}",
        "provisioner \"local-exec\" {\n  environment = { WHATEVER = 1 }\n}",
    ] {
        assert_eq!(found(&service(arguments)), [], "{arguments}");
    }
    // A type that no provider describes.
    assert_eq!(
        found("resource \"other_thing\" \"x\" {\n  a = { b = 1 }\n}\n"),
        []
    );
    assert_eq!(
        found("locals {\n  a = { b = 1 }\n}\noutput \"x\" {\n  value = { b = 1 }\n}\n"),
        []
    );
}

#[test]
fn every_kind_of_block_has_its_own_schema() {
    for (main, expected) in [
        (
            "data \"shop_service\" \"web\" {\n  filter = { valus = [] }\n}\n",
            "data.shop_service.web.filter.valus -> values",
        ),
        (
            "check \"up\" {\n  data \"shop_service\" \"web\" {\n    filter = { valus = [] }\n  }\n}\n",
            "data.shop_service.web.filter.valus -> values",
        ),
        (
            "provider \"shop\" {\n  defaults = { regoin = \"x\" }\n}\n",
            "provider.shop.defaults.regoin -> region",
        ),
        (
            "variable \"x\" {\n  type = object({ a = string, b = optional(object({ c = string }), { d = 1 }) })\n  default = \
             { a = 1, z = 2 }\n}\n",
            "var.x (default).d -> c",
        ),
    ] {
        let told = told(main);
        assert!(told.contains(&expected.to_owned()), "{told:?}");
    }
}

#[test]
fn arguments_of_modules_have_the_types_of_their_variables() {
    const VARIABLES: &str = "variable \"services\" {\n  type = map(object({\n    image = string\n    scaling = optional(object({ \
                             min = number, max = number }))\n    extra = optional(any)\n  }))\n}\nvariable \"loose\" {\n  \
                             type = any\n}\nvariable \"untyped\" {}\n";
    let call = |source: &str| {
        format!(
            "module \"apps\" {{\n  source = \"{source}\"\n  services = {{\n    web = {{\n      image = \"a\"\n      scalng = {{}}\n      \
             extra = {{ whatever = 1 }}\n      scaling = {{ min = 1, mx = 2 }}\n    }}\n  }}\n  loose = {{ a = 1 }}\n  untyped = \
             {{ a = 1 }}\n}}\n"
        )
    };
    let expected = [
        (
            "main.tf",
            6,
            "module.apps.services[\"web\"]",
            "scalng",
            "scaling",
        ),
        (
            "main.tf",
            8,
            "module.apps.services[\"web\"].scaling",
            "mx",
            "max",
        ),
    ];
    let manifest = "{\"Modules\":[{\"Key\":\"\",\"Source\":\"\",\"Dir\":\".\"},{\"Key\":\"apps\",\"Source\":\
                    \"registry.terraform.io/example/apps/shop\",\"Version\":\"1.0.0\",\"Dir\":\".terraform/modules/apps\"}]}";
    for (source, folder, manifest) in [
        ("../modules/apps", "modules/apps", None),
        (
            "example/apps/shop",
            "root/.terraform/modules/apps",
            Some(manifest),
        ),
    ] {
        let main = call(source);
        let module = format!("{folder}/variables.tf");
        let outcome = linted(&[("root/main.tf", &main), (&module, VARIABLES)], manifest).unwrap();
        let found: Vec<_> = outcome
            .findings
            .iter()
            .map(|it| {
                (
                    it.file.as_str(),
                    it.line,
                    it.place.as_str(),
                    it.key.as_str(),
                    it.nearest.as_deref().unwrap(),
                )
            })
            .collect();
        assert_eq!(found, expected, "{source}");
        assert_eq!(outcome.notes, [""; 0]);
    }
    let outcome = linted(&[("root/main.tf", &call("example/apps/shop"))], None).unwrap();
    assert_eq!(outcome.findings, []);
    assert!(
        outcome.notes[0].contains("module.apps") && outcome.notes[0].contains("terraform init")
    );
}

#[test]
fn local_modules_are_looked_at_once_and_others_only_asked() {
    let inner = format!("{HEAD}{}", service("deployment = { bake_tme = 1 }"));
    let main =
        "module \"a\" {\n  source = \"./inner\"\n}\nmodule \"b\" {\n  source = \"./inner\"\n}\n";
    // It calls itself, which Terraform refuses; nobody waits for ever.
    let inner = format!("{inner}module \"me\" {{\n  source = \"../inner\"\n}}\n");
    let outcome = linted(
        &[("root/main.tf", main), ("root/inner/main.tf", &inner)],
        None,
    )
    .unwrap();
    assert_eq!(outcome.findings.len(), 1);
    assert_eq!(outcome.findings[0].file, "inner/main.tf");
    assert_eq!(outcome.files, 2);
}

#[test]
fn values_in_files_have_the_types_of_the_variables() {
    let main = "variable \"apps\" {\n  type = list(object({ name = string }))\n}\n";
    let values =
        "apps = [\n  { name = \"a\" },\n  { nane = \"ä\", nam = 1 },\n]\nelsewhere = { a = 1 }\n";
    let outcome = linted(
        &[("root/main.tf", main), ("root/prod.auto.tfvars", values)],
        None,
    )
    .unwrap();
    let places: Vec<_> = outcome
        .findings
        .iter()
        .map(|it| (it.file.as_str(), it.line, it.column, it.key.as_str()))
        .collect();
    assert_eq!(
        places,
        [
            ("prod.auto.tfvars", 3, 5, "nane"),
            ("prod.auto.tfvars", 3, 17, "nam")
        ]
    );
}

const JSON: &str = r#"{
  "//": "written by a program",
  "terraform": { "required_providers": { "shop": { "source": "example/shop" } } },
  "provider": { "shop": [{ "defaults": { "regon": 1 } }] },
  "variable": {
    "apps": {
      "type": "map(object({ name = string, size = optional(object({ cpu = number }), { cp = 1 }) }))",
      "default": { "web": { "nme": "a" } }
    }
  },
  "resource": {
    "shop_service": {
      "web": {
        "//": { "metadata": { "path": "stack/web" } },
        "name": "${var.name}",
        "labels": { "anything": "goes" },
        "deployment": { "bake_tme": "2m", "alarms": [{ "name": "a" }, { "nme": "b", "${var.key}": "c" }] },
        "containers": { "app": { "imge": "i" } },
        "ingress": "${[{ form = 1 }]}",
        "network": [{ "rules": [{ "port": 1, "prt": 2 }] }],
        "dynamic": { "network": { "for_each": [1], "content": { "rules": [{ "pot": 1 }] } } }
      },
      "twice": [{ "pair": [{ "left": "l", "right": "r" }, "s"] }]
    }
  },
  "data": [{ "shop_service": { "old": { "filter": { "vals": [] } } } }],
  "check": { "health": { "data": { "shop_service": { "new": { "filter": { "value": [] } } } } } },
  "module": { "inner": { "source": "./inner", "app": { "nane": "n" } } }
}"#;

#[test]
fn json_is_compared_as_well() {
    let inner = r#"{ "variable": { "app": { "type": "object({ name = string })" } } }"#;
    let files = [
        ("root/main.tf.json", JSON),
        (
            "root/prod.auto.tfvars.json",
            "{\n  \"apps\": { \"w\": { \"nam\": \"\" } }\n}\n",
        ),
        ("root/inner/main.tf.json", inner),
    ];
    let outcome = linted(&files, None).unwrap();
    let told: Vec<_> = outcome
        .findings
        .iter()
        .map(|it| format!("{}:{} {}.{}", it.file, it.line, it.place, it.key))
        .collect();
    assert_eq!(
        told,
        [
            "main.tf.json:4 provider.shop.defaults.regon",
            "main.tf.json:7 var.apps (default).cp",
            "main.tf.json:8 var.apps[\"web\"].nme",
            "main.tf.json:17 shop_service.web.deployment.bake_tme",
            "main.tf.json:17 shop_service.web.deployment.alarms[1].nme",
            "main.tf.json:18 shop_service.web.containers[\"app\"].imge",
            "main.tf.json:20 shop_service.web.network.rules[0].prt",
            "main.tf.json:21 shop_service.web.network.rules[0].pot",
            "main.tf.json:23 shop_service.twice.pair[0].right",
            "main.tf.json:26 data.shop_service.old.filter.vals",
            "main.tf.json:27 data.shop_service.new.filter.value",
            "main.tf.json:28 module.inner.app.nane",
            "prod.auto.tfvars.json:2 var.apps[\"w\"].nam",
        ]
    );
    assert_eq!(outcome.files, 3);
    assert!(outcome.notes.is_empty(), "{:?}", outcome.notes);
}

#[test]
fn a_provider_that_is_named_in_json_is_that_one() {
    for named in ["mine.west", "${mine.west}", "mine"] {
        let main = format!(
            r#"{{
  "terraform": {{ "required_providers": {{ "mine": {{ "source": "example/shop" }} }} }},
  "resource": {{ "shop_service": {{
    "a": {{ "provider": "{named}", "deployment": {{ "wrong": 1 }} }}
  }} }}
}}"#
        );
        // Another provider has the type, too: only its source says whose it is.
        let twin = r#""provider_schemas": { "registry.terraform.io/example/twin": { "resource_schemas": { "shop_service": {
            "version": 0, "block": { "attributes": { "deployment": { "type": "string" } } } } } },"#;
        let schemas = SCHEMAS.replacen(r#""provider_schemas": {"#, twin, 1);
        let schemas = Schemas::read(&schemas).unwrap();
        let mut memory = Memory::default();
        memory.0.insert(PathBuf::from("root/main.tf.json"), main);
        let outcome = lint(&memory, Path::new("root"), None, &schemas).unwrap();
        let keys: Vec<_> = outcome.findings.iter().map(|it| it.key.as_str()).collect();
        assert_eq!(keys, ["wrong"], "{named}");
    }
}

#[test]
fn a_sentence_says_what_to_write() {
    let found = found(&service("deployment = { bake_tme = 1, nonsense = 2 }"));
    let sentences: Vec<_> = found.iter().map(Finding::sentence).collect();
    assert_eq!(
        sentences,
        [
            "`shop_service.web.deployment` has no key `bake_tme`, and Terraform drops it without an error: write \
             `bake_time`.",
            "`shop_service.web.deployment` has no key `nonsense`, and Terraform drops it without an error: remove it, or \
             write one of `alarms`, `bake_time`.",
        ]
    );
}

#[test]
fn what_cannot_be_read_is_said() {
    let fault = linted(&[("root/main.tf", "resource \"a\" {\n  = 1\n}\n")], None).unwrap_err();
    assert!(
        matches!(&fault, Fault::Malformed { line: 2, .. }),
        "{fault}"
    );
    let fault = linted(&[("root/x.tfvars", "a = 1\n")], None).unwrap_err();
    assert!(matches!(&fault, Fault::NoFiles { .. }), "{fault}");
    let fault = linted(&[("elsewhere/main.tf", "")], None).unwrap_err();
    assert!(matches!(&fault, Fault::Unreadable { .. }), "{fault}");
    assert!(Schemas::read("nonsense").is_err());
    for broken in [
        "{\n  'a': 1\n}",
        "{\n  // no comment\n}",
        "{\n  \"a\": 1,}",
        "{\n  \"a\" 1}",
    ] {
        let fault = linted(&[("root/main.tf.json", broken)], None).unwrap_err();
        assert!(
            matches!(
                &fault,
                Fault::Malformed {
                    line: 2,
                    syntax: "JSON",
                    ..
                }
            ),
            "{broken}: {fault}"
        );
    }
    // Nobody may bring it down.
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    assert!(linted(&[("root/main.tf", &format!("a = {deep}"))], None).is_err());
    assert!(linted(&[("root/main.tf.json", &deep)], None).is_err());
    for odd in ["", "[]", "1", "{\"resource\": 1, \"module\": [null]}"] {
        assert!(linted(&[("root/main.tf.json", odd)], None).is_ok(), "{odd}");
    }
}

/// A type, how a value of it is written, and how one with a wrong key is.
#[derive(Clone, Debug)]
struct Written {
    json: String,
    right: String,
    /// With `wrong` in place of one key; absent when there is no key in it.
    wrong: Option<(String, String)>,
}

fn written() -> impl Strategy<Value = Written> {
    let leaf = Just(Written {
        json: "\"string\"".to_owned(),
        right: "\"x\"".to_owned(),
        wrong: None,
    });
    leaf.prop_recursive(4, 24, 4, |inner| {
        let object = (
            prop::collection::btree_map("k[a-z]{3,8}(_[a-z]{3,6})?", inner.clone(), 1..4),
            any::<prop::sample::Index>(),
            any::<prop::sample::Index>(),
            any::<bool>(),
        )
            .prop_map(|(members, which, letter, goes_deeper)| {
                object(&members, which, letter, goes_deeper)
            });
        let list = inner
            .clone()
            .prop_map(|of| around(&of, "[\"list\", ", |value| format!("[{value}]")));
        let map = inner.prop_map(|of| {
            around(&of, "[\"map\", ", |value| {
                format!("{{\n  any = {value}\n}}")
            })
        });
        prop_oneof![3 => object, 1 => list, 1 => map]
    })
}

fn around(of: &Written, kind: &str, write: impl Fn(&str) -> String) -> Written {
    Written {
        json: format!("{kind}{}]", of.json),
        right: write(&of.right),
        wrong: of
            .wrong
            .as_ref()
            .map(|(wrong, meant)| (write(wrong), meant.clone())),
    }
}

fn object(
    members: &BTreeMap<String, Written>,
    which: prop::sample::Index,
    letter: prop::sample::Index,
    goes_deeper: bool,
) -> Written {
    let (name, chosen) = members.iter().nth(which.index(members.len())).unwrap();
    let json: Vec<String> = members
        .iter()
        .map(|(name, of)| format!("\"{name}\": {}", of.json))
        .collect();
    let write = |other: Option<(&str, &str)>| {
        let lines: Vec<String> = members
            .iter()
            .map(|(key, of)| match other {
                Some((named, value)) if key == name => format!("  {named} = {value}\n"),
                _ => format!("  {key} = {}\n", of.right),
            })
            .collect();
        format!("{{\n{}}}", lines.concat())
    };
    let wrong = match (&chosen.wrong, goes_deeper) {
        (Some((value, meant)), true) => (write(Some((name, value))), meant.clone()),
        (Some(_) | None, _) => {
            let mut misspelt = name.clone();
            misspelt.remove(1 + letter.index(name.len() - 1));
            // Another name of the object is no misspelling.
            if members.contains_key(&misspelt) {
                misspelt.push_str("qqqq");
            }
            (write(Some((&misspelt, &chosen.right))), misspelt)
        }
    };
    Written {
        json: format!("[\"object\", {{{}}}]", json.join(", ")),
        right: write(None),
        wrong: Some(wrong),
    }
}

proptest! {
    /// Any key of any type, misspelt anywhere, is found, and it alone.
    #[test]
    fn any_misspelt_key_is_found(of in written(), form in 0_usize..5) {
        let schemas = format!(
            r#"{{ "provider_schemas": {{ "registry.terraform.io/hashicorp/t": {{ "resource_schemas": {{ "t_x": {{ "block": {{
               "attributes": {{ "value": {{ "type": {} }} }} }} }} }} }} }} }}"#,
            of.json
        );
        let schemas = Schemas::read(&schemas).unwrap();
        let form = |value: &str| match form {
            0 => value.to_owned(),
            1 => format!("var.x ? {value} : null"),
            2 => format!("({value})"),
            3 => format!("try(var.x, {value})"),
            _ => format!("{{ one = {value}\n }}[var.x]"),
        };
        let look = |value: &str| {
            let mut memory = Memory::default();
            let main = format!("resource \"t_x\" \"y\" {{\n  value = {}\n}}\n", form(value));
            memory.0.insert(PathBuf::from("root/main.tf"), main);
            lint(&memory, Path::new("root"), None, &schemas).unwrap().findings
        };
        prop_assert_eq!(look(&of.right), vec![]);
        if let Some((value, misspelt)) = &of.wrong {
            let found = look(value);
            prop_assert_eq!(found.len(), 1);
            prop_assert_eq!(&found[0].key, misspelt);
        }
    }
}
