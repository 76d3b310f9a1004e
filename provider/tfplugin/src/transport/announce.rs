//! The one thing a provider writes to stdout: where to connect.
//!
//! Writes are fallible: nobody may be reading any more, and `println!` would panic.

use std::{
    io::{self, Write},
    process,
};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use rustls::pki_types::CertificateDer;
use serde_json::json;

use super::{
    environment::{Environment, PROTOCOL},
    listener::Address,
    options::Options,
};

/// go-plugin's own protocol version.
const GO_PLUGIN: u32 = 1;

/// What protects the connection.
#[derive(Debug)]
pub(super) enum Encryption<'a> {
    /// TLS with this server certificate.
    Tls(&'a CertificateDer<'static>),
    None,
}

/// Tells Terraform where to connect.
pub(super) fn handshake(
    environment: &Environment,
    address: &Address,
    encryption: &Encryption<'_>,
) -> io::Result<()> {
    print(&handshake_line(environment.multiplex, address, encryption))
}

/// Seven fields at most. The client decodes the certificate without padding, and crashes on one it did
/// not ask for. Older clients split the line into six fields, so the seventh is only there on request.
pub(super) fn handshake_line(
    multiplex: bool,
    address: &Address,
    encryption: &Encryption<'_>,
) -> String {
    let certificate = match encryption {
        Encryption::Tls(der) => STANDARD_NO_PAD.encode(der),
        Encryption::None => String::new(),
    };
    let network = address.network();
    // Brokered connections are not served at all, hence not on a shared connection either.
    let shared = if multiplex { "|false" } else { "" };
    format!("{GO_PLUGIN}|{PROTOCOL}|{network}|{address}|grpc|{certificate}{shared}\n")
}

/// Tells a developer how to make Terraform attach.
pub(super) fn reattach(options: &Options, address: &Address) -> io::Result<()> {
    let value = reattach_value(&options.address, process::id(), address);
    print(&format!(
        "The provider is running and waits for Terraform to attach. In the shell that runs Terraform:\n\n    \
         export TF_REATTACH_PROVIDERS='{value}'\n\nCtrl-C ends the provider.\n"
    ))
}

/// `Test` must be true: otherwise Terraform forgets the protocol version and takes the provider for one
/// of protocol 5. It also keeps Terraform from ending the process.
fn reattach_value(provider: &str, pid: u32, address: &Address) -> String {
    json!({
        provider: {
            "Protocol": "grpc",
            "ProtocolVersion": PROTOCOL,
            "Pid": pid,
            "Test": true,
            "Addr": { "Network": address.network(), "String": address.to_string() },
        }
    })
    .to_string()
}

/// Tells someone who ran the binary what it is.
pub(super) fn hint(options: &Options) {
    let Options { address, name, .. } = options;
    let text = format!(
        "This program is the Terraform provider {name:?}. It is not run by hand: Terraform starts it.\n\n\
         To use it, name the source \"{address}\" under required_providers in a configuration and run\n\
         terraform init, then terraform plan.\n\n\
         To develop it, start it with --debug and follow what it prints.\n"
    );
    // Nobody to tell when stderr is closed; the exit code still says it.
    io::stderr().lock().write_all(text.as_bytes()).ok();
}

fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn socket() -> Address {
        Address::Unix(PathBuf::from("/tmp/plugin1/s"))
    }

    #[test]
    fn certificate_is_base64_without_padding() {
        let der = CertificateDer::from(vec![0xfb_u8; 4]);
        let line = handshake_line(false, &socket(), &Encryption::Tls(&der));
        assert_eq!(line, "1|6|unix|/tmp/plugin1/s|grpc|+/v7+w\n");
    }

    #[test]
    fn plain_text_has_an_empty_certificate() {
        let tcp = Address::Tcp("127.0.0.1:10000".parse().unwrap());
        assert_eq!(
            handshake_line(false, &tcp, &Encryption::None),
            "1|6|tcp|127.0.0.1:10000|grpc|\n"
        );
    }

    #[test]
    fn seventh_field_only_when_asked_for() {
        assert_eq!(
            handshake_line(true, &socket(), &Encryption::None),
            "1|6|unix|/tmp/plugin1/s|grpc||false\n"
        );
    }

    #[test]
    fn reattach_value_is_what_terraform_reads() {
        let value = reattach_value("example.com/acme/thing", 42, &socket());
        let expected = r#"{"example.com/acme/thing":{"Addr":{"Network":"unix","String":"/tmp/plugin1/s"},"Pid":42,"Protocol":"grpc","ProtocolVersion":6,"Test":true}}"#;
        assert_eq!(value, expected);
    }
}
