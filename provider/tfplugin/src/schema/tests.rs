//! Rules of the schema: presence, implied types, validation, wire form.
