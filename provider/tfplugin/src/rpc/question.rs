//! What all calls have in common: a name, something they are about, and an answer that can carry a failure.

use tfplugin_proto::tfplugin6 as proto;

use crate::diagnostic::Diagnostics;

/// A request with one answer.
pub(super) trait Question: Send + 'static {
    /// The answer.
    type Answer: Send + 'static;
    /// Name of the call, as in the protocol.
    const RPC: &'static str;

    /// What it is about.
    fn subject(&self) -> Subject<'_>;

    /// An answer that only says what went wrong.
    fn failure(diagnostics: &Diagnostics) -> Self::Answer;
}

/// What a call is about; names a field of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject<'a> {
    Provider,
    Resource(&'a str),
    DataSource(&'a str),
    Ephemeral(&'a str),
    List(&'a str),
    Action(&'a str),
    Function(&'a str),
}

macro_rules! questions {
    ($($module:ident $rpc:literal $subject:ident $(($field:ident))?;)*) => {$(
        impl Question for proto::$module::Request {
            type Answer = proto::$module::Response;
            const RPC: &'static str = $rpc;

            fn subject(&self) -> Subject<'_> {
                Subject::$subject $((&self.$field))?
            }

            fn failure(diagnostics: &Diagnostics) -> Self::Answer {
                let mut answer = Self::Answer::default();
                answer.diagnostics = diagnostics.to_proto();
                answer
            }
        }
    )*};
}

questions! {
    validate_provider_config "ValidateProviderConfig" Provider;
    configure_provider "ConfigureProvider" Provider;
    validate_resource_config "ValidateResourceConfig" Resource(type_name);
    upgrade_resource_state "UpgradeResourceState" Resource(type_name);
    upgrade_resource_identity "UpgradeResourceIdentity" Resource(type_name);
    read_resource "ReadResource" Resource(type_name);
    plan_resource_change "PlanResourceChange" Resource(type_name);
    apply_resource_change "ApplyResourceChange" Resource(type_name);
    import_resource_state "ImportResourceState" Resource(type_name);
    move_resource_state "MoveResourceState" Resource(target_type_name);
    validate_data_resource_config "ValidateDataResourceConfig" DataSource(type_name);
    read_data_source "ReadDataSource" DataSource(type_name);
    validate_ephemeral_resource_config "ValidateEphemeralResourceConfig" Ephemeral(type_name);
    open_ephemeral_resource "OpenEphemeralResource" Ephemeral(type_name);
    renew_ephemeral_resource "RenewEphemeralResource" Ephemeral(type_name);
    close_ephemeral_resource "CloseEphemeralResource" Ephemeral(type_name);
    validate_list_resource_config "ValidateListResourceConfig" List(type_name);
    validate_action_config "ValidateActionConfig" Action(type_name);
    plan_action "PlanAction" Action(action_type);
}

impl Question for proto::call_function::Request {
    type Answer = proto::call_function::Response;
    const RPC: &'static str = "CallFunction";

    fn subject(&self) -> Subject<'_> {
        Subject::Function(&self.name)
    }

    /// A function has no diagnostics, only one error.
    fn failure(diagnostics: &Diagnostics) -> Self::Answer {
        let text = diagnostics
            .errors()
            .map(|error| format!("{}: {}", error.summary, error.detail));
        let text = text.collect::<Vec<_>>().join("\n\n");
        proto::call_function::Response {
            result: None,
            error: Some(proto::FunctionError {
                text,
                function_argument: None,
            }),
        }
    }
}
