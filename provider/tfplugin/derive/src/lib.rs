//! The derive behind `tfplugin::Attributes`: one struct is the schema and the model of an object.
//!
//! What it understands is documented where it is used, at `tfplugin::schema::Attributes`.

mod expand;
mod field;
mod text;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Schema, model and defaults of an object from one struct; see `tfplugin::schema::Attributes`.
#[proc_macro_derive(Attributes, attributes(attr))]
pub fn attributes(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::attributes(&input)
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
