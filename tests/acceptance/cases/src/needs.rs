//! What each case needs of the endpoint it runs against.

use switchyard_harness::Capability::{
    self, AutoScaling, CloudWatch, CodeDeploy, Ecs, EmptyAccount, Iam, LabControls, LabImages,
    LoadBalancing, Logs, NativeBlueGreen, Network, OwnEndpoint, Parameters, RunningTasks, S3,
    Secrets, TaskSets,
};

/// Nothing: Terraform alone, or an endpoint that is not there.
const NOTHING: &[Capability] = &[];
/// What only a lab of the case's own offers.
const LAB: &[Capability] = &[LabControls];
/// A service that ECS moves.
const NATIVE: &[Capability] = &[Ecs, NativeBlueGreen, RunningTasks, LoadBalancing];
/// The same, with an autoscaler.
const SCALED: &[Capability] = &[
    Ecs,
    NativeBlueGreen,
    RunningTasks,
    LoadBalancing,
    AutoScaling,
    CloudWatch,
];
/// A service that CodeDeploy moves.
const DEPLOYED: &[Capability] = &[Ecs, TaskSets, RunningTasks, LoadBalancing, CodeDeploy];
/// A service that the apply moves.
const EXTERNAL: &[Capability] = &[Ecs, TaskSets, RunningTasks, LoadBalancing];
/// Refusals before anything is made.
const PLANNED: &[Capability] = &[Ecs, NativeBlueGreen, LoadBalancing];

/// A case or a module of cases, and what it needs. The longest row that a case's name starts with counts.
pub const NEEDS: &[(&str, &[Capability])] = &[
    ("adoption", LAB),
    ("approvals", LAB),
    ("aws_provider", LAB),
    ("bad_input", PLANNED),
    ("bad_input::a_service_that_exists_is_not_taken_over", NATIVE),
    ("bad_input::subnets_without_addresses", LAB),
    (
        "bad_input::a_draining_service_of_the_same_name_is_waited_for",
        NATIVE,
    ),
    (
        "bad_input::an_alarm_that_fires_already_is_a_warning",
        &[Ecs, NativeBlueGreen, LoadBalancing, CloudWatch],
    ),
    ("booking", LAB),
    ("checked", LAB),
    // Most count the deployments of a group, which keeps those of the case before.
    ("code_deploy", LAB),
    (
        "code_deploy::settings_change_through_update_service",
        DEPLOYED,
    ),
    ("code_deploy::a_missing_group_is_found_at_plan", DEPLOYED),
    (
        "code_deploy::a_missing_configuration_is_found_at_plan",
        DEPLOYED,
    ),
    ("code_deploy_rollouts", LAB),
    ("cores", LAB),
    ("court", LAB),
    ("credentials", LAB),
    (
        "credentials::a_plan_against_an_endpoint_that_is_down_asks_one_round_of_questions",
        PLANNED,
    ),
    ("documents", LAB),
    ("destroy", LAB),
    ("drift_gate", LAB),
    ("drift", LAB),
    ("drift::a_changed_count_is_shown_and_put_right", NATIVE),
    ("drift::the_autoscaler_may_own_the_count", SCALED),
    (
        "drift::taking_the_count_back_from_the_autoscaler_is_announced",
        SCALED,
    ),
    (
        "drift::settings_taken_out_of_the_configuration_go_back_to_their_defaults",
        NATIVE,
    ),
    ("drift::changed_tags_are_shown_and_put_right", NATIVE),
    ("drift::destroying_what_is_gone_already_succeeds", NATIVE),
    ("endpoint", &[OwnEndpoint]),
    ("examples", LAB),
    ("examples::examples_are_formatted", NOTHING),
    ("examples::the_guides_show_formatted_hcl", NOTHING),
    ("examples::the_provider_block_is_valid", NOTHING),
    ("external", LAB),
    (
        "external::without_a_load_balancer_there_is_nothing_to_move_and_that_is_said",
        EXTERNAL,
    ),
    ("external::settings_change_without_a_new_task_set", EXTERNAL),
    ("fidelity", &[OwnEndpoint]),
    ("freezes", LAB),
    ("gate", LAB),
    ("gate_kinds", LAB),
    ("gate_unmanaged", LAB),
    ("gates", LAB),
    ("gone", LAB),
    ("groups", LAB),
    ("hooks", LAB),
    ("interruption", LAB),
    (
        "interruption::an_endpoint_that_is_down_keeps_the_state",
        NATIVE,
    ),
    ("lambda_alias", LAB),
    ("listener_rule", LAB),
    ("localstack", &[OwnEndpoint]),
    ("many", LAB),
    (
        "localstack::what_surrounds_a_service_is_made_left_alone_and_destroyed",
        &[CloudWatch, Iam, Logs, Parameters, S3, Secrets],
    ),
    (
        "localstack::the_vpc_module_is_made_left_alone_and_destroyed",
        &[Iam, Logs, Network],
    ),
    ("migration", LAB),
    ("ministack", &[OwnEndpoint]),
    ("misspelled", NOTHING),
    ("modules", NOTHING),
    ("modules_companions", NOTHING),
    ("modules_companions::nothing_needs", LAB),
    ("modules_companions::the_complete", LAB),
    ("modules_companions::the_examples", LAB),
    ("modules_ecs", NOTHING),
    ("modules_ecs::a_pipeline", LAB),
    ("modules_ecs::auto_shop", LAB),
    ("modules_ecs::the_complete", LAB),
    ("modules_net", NOTHING),
    (
        "modules_net::the_complete_vpc_is_made_left_alone_and_destroyed",
        &[Iam, Logs, Network],
    ),
    (
        "modules_net::the_complete_network_load_balancer_is_made_left_alone_and_destroyed",
        &[EmptyAccount, Iam, LoadBalancing, Logs, Network],
    ),
    (
        "modules_net::the_minimal_examples_are_made_left_alone_and_destroyed",
        &[Iam, LoadBalancing, Logs, Network],
    ),
    (
        "modules_net::weights_that_a_rollout_moved_are_no_drift_of_the_load_balancer",
        &[EmptyAccount, Iam, LoadBalancing, Network, S3],
    ),
    ("modules_whole", NOTHING),
    ("monitoring", LAB),
    ("moto", &[OwnEndpoint]),
    ("newer", LAB),
    ("native", LAB),
    ("native::all_at_once_lives", NATIVE),
    ("native::canary_lives", NATIVE),
    ("native::linear_lives", NATIVE),
    ("native::rolling_lives", NATIVE),
    ("native::a_service_without_load_balancer_lives", NATIVE),
    (
        "native::a_deployment_stopped_by_someone_is_an_error",
        NATIVE,
    ),
    (
        "native::changed_triggers_start_a_deployment_with_nothing_else",
        NATIVE,
    ),
    ("native::settings_change_without_a_deployment", NATIVE),
    ("native::an_imported_service_plans_empty", NATIVE),
    ("operating", LAB),
    ("notices", LAB),
    ("ownership", LAB),
    (
        "ownership::within_its_bounds_the_count_is_anybodys_and_outside_it_is_put_right",
        SCALED,
    ),
    (
        "ownership::a_rollout_keeps_the_count_the_autoscaler_has_chosen",
        SCALED,
    ),
    (
        "ownership::every_owner_of_the_count_follows_every_other_in_place",
        SCALED,
    ),
    (
        "ownership::every_owner_of_the_task_definition_follows_every_other_in_place",
        NATIVE,
    ),
    ("ownership::exactly_the_promised_revisions_are_kept", NATIVE),
    ("parts", LAB),
    ("permissions", LAB),
    ("pictures", LAB),
    ("pipelines", LAB),
    ("provider_block", LAB),
    (
        "provider_block::unknown_values_in_the_provider_block_do_not_fail_a_plan",
        PLANNED,
    ),
    (
        "provider_block::malformed_settings_are_refused_at_the_attribute",
        PLANNED,
    ),
    ("restore", LAB),
    ("roles", LAB),
    ("rollout", LAB),
    ("scaling", SCALED),
    ("scenarios", LAB),
    (
        "scenarios::quickstart_from_first_apply_to_destroy",
        &[
            Ecs,
            NativeBlueGreen,
            RunningTasks,
            LoadBalancing,
            LabImages,
            EmptyAccount,
            Iam,
            Network,
        ],
    ),
    ("secrets", LAB),
    ("shipped", LAB),
    ("shown", LAB),
    ("snapshots", LAB),
    ("staged", LAB),
    ("steps", LAB),
    ("strategies", LAB),
    ("switching", LAB),
    (
        "switching::external_is_neither_left_nor_entered_in_place",
        EXTERNAL,
    ),
    ("way_back", LAB),
    ("zoo", LAB),
    ("zoo_controllers", LAB),
];

/// What a case needs; `None` when no row speaks of it.
#[must_use]
pub fn needs(case: &str) -> Option<&'static [Capability]> {
    NEEDS
        .iter()
        .filter(|(row, _)| covers(row, case))
        .max_by_key(|(row, _)| row.len())
        .map(|(_, needs)| *needs)
}

/// A module covers its cases; a case, and the beginning of a case's name, what starts with it.
fn covers(row: &str, case: &str) -> bool {
    match case.strip_prefix(row) {
        Some(rest) => row.contains("::") || rest.is_empty() || rest.starts_with("::"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_for_the_case_wins_over_the_row_of_its_module() {
        assert_eq!(needs("native::canary_lives"), Some(NATIVE));
        assert_eq!(needs("native::something_new"), Some(LAB));
        assert_eq!(needs("nobody::knows_it"), None);
    }

    #[test]
    fn a_module_is_not_its_namesake() {
        assert_eq!(needs("gates::x"), Some(LAB));
        assert_eq!(needs("modules_net::x"), Some(NOTHING));
        assert_eq!(needs("code_deploy_rollouts::canary_lives"), Some(LAB));
        assert_eq!(needs("gatesx"), None);
    }

    #[test]
    fn every_row_is_there_once() {
        let rows: std::collections::BTreeSet<_> = NEEDS.iter().map(|(row, _)| row).collect();
        assert_eq!(rows.len(), NEEDS.len());
    }
}
