//! What stands at one field.

use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Error, Expr, Field, Ident, Token, Type, parenthesized};

use crate::text;

/// A field, read.
pub(crate) struct Member<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) ty: &'a Type,
    /// As Terraform knows it: `type` for `r#type`.
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) options: Options,
}

/// What `#[attr(…)]` says.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) required: bool,
    pub(crate) optional: bool,
    pub(crate) computed: bool,
    pub(crate) block: bool,
    pub(crate) flatten: bool,
    pub(crate) default: Option<Expr>,
    /// Names of builder methods of `Attribute` without arguments.
    pub(crate) flags: Vec<Ident>,
    pub(crate) validators: Vec<Expr>,
    /// Functions from `Attribute` to `Attribute`, or from `NestedBlock` to `NestedBlock`. Of flattened members they
    /// are applied to each attribute.
    pub(crate) with: Vec<Expr>,
}

/// Builder methods of `Attribute` that are written as they are called.
const FLAGS: [&str; 6] = [
    "sensitive",
    "write_only",
    "null_elements",
    "any_text",
    "use_state_for_unknown",
    "requires_replace",
];

impl<'a> Member<'a> {
    pub(crate) fn of(field: &'a Field) -> Result<Self, Error> {
        let Some(ident) = &field.ident else {
            return Err(Error::new(field.span(), "an attribute needs a name"));
        };
        let mut options = Options::default();
        for attribute in &field.attrs {
            if attribute.path().is_ident("attr") {
                options.read(attribute)?;
            }
        }
        let written = ident.to_string();
        let member = Self {
            ident,
            ty: &field.ty,
            name: written.strip_prefix("r#").unwrap_or(&written).to_owned(),
            description: text::description(&field.attrs),
            options,
        };
        member.check()?;
        Ok(member)
    }

    fn check(&self) -> Result<(), Error> {
        let Options {
            required,
            optional,
            computed,
            block,
            flatten,
            default,
            flags,
            validators,
            with: _,
        } = &self.options;
        let fails = |what: &str| Err(Error::new(self.ident.span(), what));
        let says_more = *required
            || *optional
            || *computed
            || default.is_some()
            || !flags.is_empty()
            || !validators.is_empty();
        match (block, flatten) {
            (true, true) => {
                return fails(
                    "`block` and `flatten` exclude each other: flattened members have no name of their own",
                );
            }
            (true, false) if says_more => {
                return fails("a block is present where it is written: it takes only `with`");
            }
            (false, true) if says_more => {
                return fails(
                    "each flattened member says for itself what it is: `flatten` takes only `with`",
                );
            }
            (true, false) | (false, true) => return Ok(()),
            (false, false) => {}
        }
        match (required, *optional || *computed, default) {
            (true, false, None) | (false, true, None) | (false, false, Some(_)) => Ok(()),
            (false, false, None) => fails(
                "who sets this attribute? one of `required`, `optional`, `computed`, `default = …`, `block`, \
                 `flatten`",
            ),
            _ => fails(
                "an attribute is `required`, or has a `default`, or is `optional`, `computed` or both",
            ),
        }
    }
}

impl Options {
    fn read(&mut self, attribute: &syn::Attribute) -> Result<(), Error> {
        attribute.parse_nested_meta(|meta| {
            let Some(word) = meta.path.get_ident() else {
                return Err(meta.error("a single word is expected"));
            };
            match word.to_string().as_str() {
                "required" => self.required = true,
                "optional" => self.optional = true,
                "computed" => self.computed = true,
                "block" => self.block = true,
                "flatten" => self.flatten = true,
                "default" => self.default = Some(meta.value()?.parse()?),
                "validate" => {
                    let inner;
                    parenthesized!(inner in meta.input);
                    self.validators
                        .extend(Punctuated::<Expr, Token![,]>::parse_terminated(&inner)?);
                }
                "with" => self.with.push(meta.value()?.parse()?),
                flag if FLAGS.contains(&flag) => self.flags.push(word.clone()),
                other => {
                    return Err(meta.error(format!(
                        "`{other}` is not known here; there are required, optional, computed, block, flatten, \
                         default, validate(…), with and {}",
                        FLAGS.join(", ")
                    )));
                }
            }
            Ok(())
        })
    }
}
