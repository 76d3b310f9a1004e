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
    let (model, described, defaults) = (
        model(input),
        described(input, &members),
        defaults(input, &members),
    );
    Ok(quote! { #model #described #defaults })
}

/// Reading and writing values.
fn model(input: &DeriveInput) -> TokenStream {
    let name = &input.ident;
    quote! {
        #[automatically_derived]
        impl ::tfplugin::value::FromValue for #name {
            fn from_value(
                value: &::tfplugin::value::Value,
            ) -> ::core::result::Result<Self, ::tfplugin::value::ModelError> {
                let has = <Self as ::tfplugin::schema::Attributes>::has;
                let object = ::tfplugin::value::model_object(value, has)?;
                <Self as ::tfplugin::schema::Attributes>::from_members(object)
            }
        }

        #[automatically_derived]
        impl ::tfplugin::value::ToValue for #name {
            fn to_value(&self) -> ::tfplugin::value::Value {
                let mut members = ::std::collections::BTreeMap::new();
                ::tfplugin::schema::Attributes::to_members(self, &mut members);
                ::tfplugin::value::Value::Object(members)
            }
        }

        #[automatically_derived]
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

/// What the members are, in the schema and in the model.
fn described(input: &DeriveInput, members: &[Member<'_>]) -> TokenStream {
    let name = &input.ident;
    let description = text::description(&input.attrs);
    let attributes = members.iter().filter_map(attributes_of);
    let blocks = members.iter().filter_map(blocks_of);
    let (names, flattened) = (
        members.iter().filter(|member| !member.options.flatten),
        members.iter().filter(|member| member.options.flatten),
    );
    let names = names.map(|member| &member.name);
    let flattened = flattened.map(|member| {
        let ty = member.ty;
        quote_spanned!(ty.span() => <#ty as ::tfplugin::schema::Attributes>::has(name))
    });
    let (read, written) = (members.iter().map(read), members.iter().map(written));
    let defaults = members.iter().map(default);
    quote! {
        #[automatically_derived]
        impl ::tfplugin::schema::Attributes for #name {
            const DESCRIPTION: &'static str = #description;

            fn attributes() -> ::std::vec::Vec<::tfplugin::schema::Attribute> {
                let mut all = ::std::vec::Vec::new();
                #(#attributes)*
                all
            }

            fn blocks() -> ::std::vec::Vec<::tfplugin::schema::NestedBlock> {
                let mut all = ::std::vec::Vec::new();
                #(#blocks)*
                all
            }

            fn has(name: &str) -> bool {
                [#(#names),*].contains(&name) #(|| #flattened)*
            }

            fn from_members(
                object: &::tfplugin::value::Value,
            ) -> ::core::result::Result<Self, ::tfplugin::value::ModelError> {
                let _ = object;
                ::core::result::Result::Ok(Self { #(#read),* })
            }

            fn to_members(
                &self,
                members: &mut ::std::collections::BTreeMap<
                    ::std::string::String,
                    ::tfplugin::value::Value,
                >,
            ) {
                let _ = &members;
                #(#written)*
            }

            fn defaults() -> Self {
                Self { #(#defaults),* }
            }
        }
    }
}

fn read(member: &Member<'_>) -> TokenStream {
    let (ident, name, ty) = (member.ident, &member.name, member.ty);
    if member.options.flatten {
        quote!(#ident: <#ty as ::tfplugin::schema::Attributes>::from_members(object)?)
    } else if member.options.block {
        quote!(#ident: ::tfplugin::schema::read_blocks(object, #name)?)
    } else {
        quote!(#ident: ::tfplugin::value::model_field(object, #name)?)
    }
}

fn written(member: &Member<'_>) -> TokenStream {
    let (ident, name) = (member.ident, &member.name);
    if member.options.flatten {
        return quote!(::tfplugin::schema::Attributes::to_members(&self.#ident, members););
    }
    let value = if member.options.block {
        quote!(::tfplugin::schema::BlockShape::to_blocks(&self.#ident))
    } else {
        quote!(::tfplugin::value::ToValue::to_value(&self.#ident))
    };
    quote! {
        members.insert(::std::borrow::ToOwned::to_owned(#name), #value);
    }
}

/// The statement that adds the attributes of a member to `all`.
fn attributes_of(member: &Member<'_>) -> Option<TokenStream> {
    if member.options.block {
        return None;
    }
    if !member.options.flatten {
        let attribute = attribute(member);
        return Some(quote!(all.push(#attribute);));
    }
    let ty = member.ty;
    let mut added = quote_spanned! { ty.span() =>
        <#ty as ::tfplugin::schema::Attributes>::attributes()
    };
    for with in &member.options.with {
        added = quote!(#added.into_iter().map(#with));
    }
    Some(quote!(all.extend(#added);))
}

/// The statement that adds the blocks of a member to `all`.
fn blocks_of(member: &Member<'_>) -> Option<TokenStream> {
    if member.options.block {
        let block = block(member);
        return Some(quote!(all.push(#block);));
    }
    let ty = member.ty;
    member.options.flatten.then(|| {
        quote_spanned! { ty.span() =>
            all.extend(<#ty as ::tfplugin::schema::Attributes>::blocks());
        }
    })
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

fn default(member: &Member<'_>) -> TokenStream {
    let (ident, ty) = (member.ident, member.ty);
    match &member.options.default {
        Some(default) => {
            let default = known(member, default);
            quote!(#ident: #default)
        }
        None if member.options.flatten => {
            quote!(#ident: <#ty as ::tfplugin::schema::Attributes>::defaults())
        }
        None => quote!(#ident: ::core::default::Default::default()),
    }
}

/// The defaults of the trait, to be called without it; only where there may be one.
fn defaults(input: &DeriveInput, members: &[Member<'_>]) -> TokenStream {
    let has_defaults = members
        .iter()
        .any(|member| member.options.default.is_some() || member.options.flatten);
    if !has_defaults {
        return TokenStream::new();
    }
    let (name, visibility) = (&input.ident, &input.vis);
    quote! {
        impl #name {
            /// The object in which what has a default has it and everything else is absent.
            #[must_use]
            #visibility fn defaults() -> Self {
                <Self as ::tfplugin::schema::Attributes>::defaults()
            }
        }
    }
}
