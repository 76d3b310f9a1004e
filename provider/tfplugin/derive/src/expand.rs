//! From the struct to the code.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Data, DeriveInput, Error, Fields};

use crate::field::Member;
use crate::text;

pub(crate) fn attributes(input: &DeriveInput) -> Result<TokenStream, Error> {
    let fails = |what: &str| Err(Error::new(input.ident.span(), what));
    let Data::Struct(data) = &input.data else {
        return fails("Attributes describes an object: it can only be derived for a struct");
    };
    let Fields::Named(fields) = &data.fields else {
        return fails("Attributes needs fields with names");
    };
    if !input.generics.params.is_empty() {
        return fails("Attributes describes one object: it takes no generic parameters");
    }
    let members = fields
        .named
        .iter()
        .map(Member::of)
        .collect::<Result<Vec<_>, _>>()?;
    let (model, schema, defaults) = (
        model(input, &members),
        schema(input, &members),
        defaults(input, &members),
    );
    Ok(quote! { #model #schema #defaults })
}

/// Reading and writing values.
fn model(input: &DeriveInput, members: &[Member<'_>]) -> TokenStream {
    let name = &input.ident;
    let idents: Vec<_> = members.iter().map(|member| member.ident).collect();
    let names: Vec<_> = members.iter().map(|member| &member.name).collect();
    quote! {
        impl ::tfplugin::value::FromValue for #name {
            fn from_value(
                value: &::tfplugin::value::Value,
            ) -> ::core::result::Result<Self, ::tfplugin::value::ModelError> {
                let object = ::tfplugin::value::model_object(value, &[#(#names),*])?;
                let _ = object;
                ::core::result::Result::Ok(Self {
                    #(#idents: ::tfplugin::value::model_field(object, #names)?,)*
                })
            }
        }

        impl ::tfplugin::value::ToValue for #name {
            fn to_value(&self) -> ::tfplugin::value::Value {
                ::tfplugin::value::Value::object::<&str, ::tfplugin::value::Value>([
                    #((#names, ::tfplugin::value::ToValue::to_value(&self.#idents)),)*
                ])
            }
        }
    }
}

/// The attributes and blocks.
fn schema(input: &DeriveInput, members: &[Member<'_>]) -> TokenStream {
    let name = &input.ident;
    let description = text::description(&input.attrs);
    let attributes = members
        .iter()
        .filter(|member| !member.options.block)
        .map(attribute);
    let blocks = members
        .iter()
        .filter(|member| member.options.block)
        .map(block);
    quote! {
        impl ::tfplugin::schema::Attributes for #name {
            const DESCRIPTION: &'static str = #description;

            fn attributes() -> ::std::vec::Vec<::tfplugin::schema::Attribute> {
                ::std::vec![#(#attributes),*]
            }

            fn blocks() -> ::std::vec::Vec<::tfplugin::schema::NestedBlock> {
                ::std::vec![#(#blocks),*]
            }
        }

        impl ::tfplugin::schema::Shape for #name {
            fn kind() -> ::tfplugin::schema::AttributeKind {
                ::tfplugin::schema::AttributeKind::Nested {
                    nesting: ::tfplugin::schema::Nesting::Single,
                    attributes: <Self as ::tfplugin::schema::Attributes>::attributes(),
                }
            }
        }
    }
}

fn attribute(member: &Member<'_>) -> TokenStream {
    let (name, ty, options) = (&member.name, member.ty, &member.options);
    let mut built = quote_spanned! { ty.span() =>
        ::tfplugin::schema::Attribute::shaped::<#ty>(#name)
    };
    for (is, method) in [
        (options.required, quote!(required)),
        (options.optional, quote!(optional)),
        (options.computed, quote!(computed)),
    ] {
        if is {
            built = quote!(#built.#method());
        }
    }
    if let Some(default) = &options.default {
        let default = known(member, default);
        built = quote!(#built.default(::tfplugin::value::ToValue::to_value(&#default)));
    }
    if options.required || options.optional || options.default.is_some() {
        built = quote!(#built.rules_of::<#ty>());
    }
    for flag in &options.flags {
        built = quote!(#built.#flag());
    }
    for validator in &options.validators {
        built = quote!(#built.validator(#validator));
    }
    if !member.description.is_empty() {
        let description = &member.description;
        built = quote!(#built.description(#description));
    }
    for with in &options.with {
        built = quote!((#with)(#built));
    }
    built
}

fn block(member: &Member<'_>) -> TokenStream {
    let (name, ty) = (&member.name, member.ty);
    let mut built = quote_spanned! { ty.span() =>
        <#ty as ::tfplugin::schema::BlockShape>::block(#name)
    };
    if !member.description.is_empty() {
        let description = &member.description;
        built = quote!(#built.description(#description));
    }
    for with in &member.options.with {
        built = quote!((#with)(#built));
    }
    built
}

/// A default as a value of the field's type.
fn known(member: &Member<'_>, default: &syn::Expr) -> TokenStream {
    let ty = member.ty;
    quote_spanned! { default.span() => <#ty as ::tfplugin::schema::Defaulted>::of(#default) }
}

/// The object in which what has a default has it and everything else is absent.
fn defaults(input: &DeriveInput, members: &[Member<'_>]) -> TokenStream {
    if members
        .iter()
        .all(|member| member.options.default.is_none())
    {
        return TokenStream::new();
    }
    let (name, visibility) = (&input.ident, &input.vis);
    let fields = members.iter().map(|member| {
        let ident = member.ident;
        match &member.options.default {
            Some(default) => {
                let default = known(member, default);
                quote!(#ident: #default)
            }
            None => quote!(#ident: ::core::default::Default::default()),
        }
    });
    quote! {
        impl #name {
            /// The object in which what has a default has it and everything else is absent.
            #[must_use]
            #visibility fn defaults() -> Self {
                Self { #(#fields),* }
            }
        }
    }
}
