use aws_sdk_applicationautoscaling::types as scaling_sdk;
use aws_sdk_codedeploy::types as deploy_sdk;
use aws_sdk_ecs::types as ecs;
use aws_sdk_elasticloadbalancingv2::types as elb;
use switchyard_engine::ports::{
    BreakerThreshold, CapacityProvider, CircuitBreaker, CodeDeployStatus, Controller,
    DeploymentAlarms, DeploymentConfiguration, EcsStatus, Launch, LaunchType, LifecycleStage,
    LoadBalancer, Network, PropagateTags, ServiceRef, ServiceStatus, Strategy, TargetState,
    ThresholdUnit, TrafficRouting, WeightedTarget,
};

use super::*;

#[test]
fn numbers_out_of_range_are_clamped() {
    assert_eq!(count(-1), 0);
    assert_eq!(long_count(i64::MAX), u32::MAX);
    assert_eq!(long_count(-5), 0);
    assert_eq!(to_count(u32::MAX), i32::MAX);
}

#[test]
fn times_keep_their_milliseconds_and_lose_the_noise_of_floating_point() {
    let at = |nanos| time(Some(DateTime::from_secs_and_nanos(1_700_000_000, nanos))).unwrap();
    assert_eq!(at(726_000_070).as_millisecond(), 1_700_000_000_726);
    assert_eq!(at(725_999_930), at(726_000_070));
    assert_eq!(at(999_999_999).as_second(), 1_700_000_001);
    assert_eq!(time(Some(DateTime::from_secs(i64::MAX))), None);
}

#[test]
fn alarms_that_are_off_and_empty_are_no_alarms() {
    let alarms = ecs::DeploymentAlarms::builder()
        .set_alarm_names(Some(Vec::new()))
        .build()
        .unwrap();
    let sdk = ecs::DeploymentConfiguration::builder()
        .alarms(alarms)
        .build();
    let service = services::service(&bare_service().deployment_configuration(sdk).build()).unwrap();
    assert_eq!(service.deployment_configuration.unwrap().alarms, None);
}

fn bare_service() -> ecs::builders::ServiceBuilder {
    ecs::Service::builder()
        .service_arn("arn:service")
        .service_name("web")
        .cluster_arn("arn:cluster")
        .status("ACTIVE")
}

#[test]
fn a_bare_service_has_the_defaults_of_aws() {
    let service = services::service(&bare_service().build()).unwrap();
    assert_eq!(service.status, ServiceStatus::Active);
    assert_eq!(service.controller, Controller::Ecs);
    assert_eq!(service.propagate_tags, PropagateTags::None);
    assert_eq!((service.task_definition, service.launch), (None, None));
}

#[test]
fn unknown_words_of_a_service_are_kept() {
    let controller = ecs::DeploymentController::builder()
        .r#type("ORBITAL".into())
        .build()
        .unwrap();
    let sdk = bare_service()
        .status("HIBERNATING")
        .launch_type("MANAGED_INSTANCES".into())
        .propagate_tags("EVERYWHERE".into())
        .deployment_controller(controller)
        .build();
    let service = services::service(&sdk).unwrap();
    assert_eq!(
        service.status,
        ServiceStatus::Unknown("HIBERNATING".to_owned())
    );
    assert_eq!(
        service.controller,
        Controller::Unknown("ORBITAL".to_owned())
    );
    assert_eq!(
        service.launch,
        Some(Launch::Type(LaunchType::Unknown(
            "MANAGED_INSTANCES".to_owned()
        )))
    );
    assert_eq!(
        service.propagate_tags,
        PropagateTags::Unknown("EVERYWHERE".to_owned())
    );
}

#[test]
fn a_service_without_arn_names_the_missing_field() {
    let sdk = ecs::Service::builder().service_name("web").build();
    assert_eq!(services::service(&sdk), Err(Missing("serviceArn")));
}

fn task_set(id: &str, status: &str, group: &str) -> ecs::TaskSet {
    ecs::TaskSet::builder()
        .id(id)
        .status(status)
        .task_definition(format!("arn:definition/{id}"))
        .load_balancers(
            ecs::LoadBalancer::builder()
                .target_group_arn(group)
                .container_name("web")
                .build(),
        )
        .stability_status(ecs::StabilityStatus::SteadyState)
        .build()
}

#[test]
fn under_code_deploy_the_primary_task_set_is_what_runs() {
    let controller = ecs::DeploymentController::builder()
        .r#type(ecs::DeploymentControllerType::CodeDeploy)
        .build()
        .unwrap();
    let sdk = bare_service()
        .deployment_controller(controller)
        .task_definition("arn:definition/first")
        .load_balancers(
            ecs::LoadBalancer::builder()
                .target_group_arn("arn:first")
                .build(),
        )
        .task_sets(task_set("ecs-svc/2", "ACTIVE", "arn:green"))
        .task_sets(task_set("ecs-svc/1", "PRIMARY", "arn:blue"))
        .build();
    let service = services::service(&sdk).unwrap();
    assert_eq!(
        service.task_definition.as_deref(),
        Some("arn:definition/ecs-svc/1")
    );
    assert_eq!(service.load_balancers[0].target_group, "arn:blue");
    assert!(service.task_sets.iter().all(|set| set.is_stable()));
}

fn configuration(strategy: Strategy) -> DeploymentConfiguration {
    DeploymentConfiguration {
        strategy,
        bake_minutes: Some(10),
        maximum_percent: Some(200),
        minimum_healthy_percent: Some(100),
        circuit_breaker: Some(CircuitBreaker {
            enable: true,
            rollback: true,
            threshold: None,
            reset_on_healthy_task: None,
        }),
        hooks: Some(Vec::new()),
        alarms: Some(DeploymentAlarms {
            names: ["a".to_owned(), "b".to_owned()].into(),
            enable: true,
            rollback: false,
        }),
    }
}

#[test]
fn deployment_configurations_survive_the_way_there_and_back() {
    for strategy in [
        Strategy::Rolling,
        Strategy::BlueGreen,
        Strategy::Canary {
            percent: 0.1,
            bake_minutes: 3,
        },
        Strategy::Linear {
            percent: 12.5,
            bake_minutes: 0,
        },
        Strategy::Unknown("SIDEWAYS".to_owned()),
    ] {
        let wanted = configuration(strategy);
        let sdk = services::to_deployment_configuration(&wanted).unwrap();
        let service =
            services::service(&bare_service().deployment_configuration(sdk).build()).unwrap();
        assert_eq!(service.deployment_configuration, Some(wanted));
    }
}

#[test]
fn launches_and_networks_survive_the_way_there_and_back() {
    let providers = vec![CapacityProvider {
        name: "FARGATE_SPOT".to_owned(),
        base: 1,
        weight: 4,
    }];
    for wanted in [
        Launch::Strategy(providers),
        Launch::Type(LaunchType::Fargate),
    ] {
        let kind = services::to_launch_type(Some(&wanted));
        let items = services::to_strategy_items(Some(&wanted))
            .unwrap()
            .unwrap_or_default();
        assert_eq!(services::launch(kind.as_ref(), &items), Some(wanted));
    }
    let wanted = Network {
        subnets: ["subnet-1".to_owned()].into(),
        security_groups: ["sg-1".to_owned()].into(),
        assign_public_ip: true,
    };
    let sdk = services::to_network(&wanted).unwrap();
    assert_eq!(services::network(Some(&sdk)), Some(wanted));
}

#[test]
fn a_capacity_provider_strategy_wins_over_the_launch_type_beside_it() {
    let item = ecs::CapacityProviderStrategyItem::builder()
        .capacity_provider("FARGATE")
        .build()
        .unwrap();
    let launch = services::launch(Some(&ecs::LaunchType::Fargate), &[item]).unwrap();
    assert!(matches!(launch, Launch::Strategy(_)));
}

#[test]
fn load_balancers_survive_the_way_there_and_back() {
    let alternate = switchyard_engine::ports::Alternate {
        target_group: "arn:green".to_owned(),
        production_rule: "arn:rule/1".to_owned(),
        test_rule: None,
        role: "arn:role".to_owned(),
    };
    let wanted = vec![LoadBalancer {
        target_group: "arn:blue".to_owned(),
        container: "web".to_owned(),
        port: 8080,
        alternate: Some(alternate),
    }];
    assert_eq!(
        services::load_balancers(&services::to_load_balancers(&wanted)),
        wanted
    );
}

#[test]
fn service_deployments_keep_unknown_stages_and_statuses() {
    let sdk = ecs::ServiceDeployment::builder()
        .service_deployment_arn("arn:deployment")
        .status("PONDERING".into())
        .lifecycle_stage("PRE_PRODUCTION_TRAFFIC_SHIFT".into())
        .build();
    let deployment = deployments::service_deployment(&sdk).unwrap();
    assert_eq!(
        deployment.status,
        EcsStatus::Unknown("PONDERING".to_owned())
    );
    assert_eq!(
        deployment.stage,
        Some(LifecycleStage::PreProductionTrafficShift)
    );
    assert!(!deployment.breaker_triggered());
}

#[test]
fn rules_are_ordered_by_priority_with_the_default_last() {
    let rule = |arn: &str, priority: &str| {
        let forward = elb::Action::builder()
            .r#type(elb::ActionTypeEnum::Forward)
            .target_group_arn("arn:only")
            .build();
        let arn = format!("arn:aws:elasticloadbalancing:r:1:listener-rule/app/lb/1/2/{arn}");
        elb::Rule::builder()
            .rule_arn(arn)
            .priority(priority)
            .is_default(priority == "default")
            .actions(forward)
            .build()
    };
    let ordered =
        rules::in_order(&[rule("d", "default"), rule("c", "100"), rule("b", "9")]).unwrap();
    let ordered: Vec<_> = ordered.into_iter().map(|detail| detail.rule).collect();
    let last: Vec<_> = ordered
        .iter()
        .map(|rule| rule.arn.rsplit('/').next().unwrap())
        .collect();
    assert_eq!(last, ["b", "c", "d"]);
    assert_eq!(
        ordered[0].listener,
        "arn:aws:elasticloadbalancing:r:1:listener/app/lb/1/2"
    );
    assert_eq!(
        ordered[0].forward,
        [WeightedTarget {
            target_group: "arn:only".to_owned(),
            weight: 1
        }]
    );
    assert!(ordered[2].is_default);
}

#[test]
fn weights_of_a_forward_action_are_kept_as_they_are() {
    let tuple = |arn: &str, weight| {
        elb::TargetGroupTuple::builder()
            .target_group_arn(arn)
            .weight(weight)
            .build()
    };
    let config = elb::ForwardActionConfig::builder()
        .target_groups(tuple("a", 90))
        .target_groups(tuple("b", 0))
        .build();
    let action = elb::Action::builder()
        .r#type(elb::ActionTypeEnum::Forward)
        .forward_config(config)
        .build();
    let rule = routing::rule(
        &elb::Rule::builder()
            .rule_arn("arn:r")
            .actions(action)
            .build(),
    )
    .unwrap();
    let weights: Vec<_> = rule.forward.iter().map(|target| target.weight).collect();
    assert_eq!(weights, [90, 0]);
}

#[test]
fn a_rule_that_does_not_forward_sends_traffic_nowhere() {
    let action = elb::Action::builder()
        .r#type(elb::ActionTypeEnum::Redirect)
        .build();
    let rule = routing::rule(
        &elb::Rule::builder()
            .rule_arn("arn:r")
            .actions(action)
            .build(),
    )
    .unwrap();
    assert_eq!(rule.forward, []);
}

#[test]
fn a_network_listener_is_its_own_rule() {
    let arn = "arn:aws:elasticloadbalancing:r:1:listener/net/lb/1/2";
    assert!(routing::is_network(arn));
    let action = elb::Action::builder()
        .r#type(elb::ActionTypeEnum::Forward)
        .target_group_arn("arn:blue")
        .build();
    let sdk = elb::Listener::builder()
        .listener_arn(arn)
        .load_balancer_arn("arn:lb")
        .default_actions(action)
        .build();
    let listener = routing::listener(&sdk, Vec::new()).unwrap();
    assert_eq!(
        (listener.rules[0].arn.as_str(), listener.rules[0].is_default),
        (arn, true)
    );
}

#[test]
fn target_states_are_read_and_unknown_ones_kept() {
    for (word, state) in [
        ("healthy", TargetState::Healthy),
        ("unhealthy.draining", TargetState::Unhealthy),
        ("asleep", TargetState::Unknown("asleep".to_owned())),
    ] {
        let health = elb::TargetHealth::builder().state(word.into()).build();
        let target = elb::TargetDescription::builder()
            .id("10.0.0.1")
            .port(80)
            .build();
        let sdk = elb::TargetHealthDescription::builder()
            .target(target)
            .target_health(health)
            .build();
        assert_eq!(routing::target_health(&sdk).unwrap().state, state);
    }
}

#[test]
fn code_deploy_says_empty_for_rollbacks_that_do_not_exist() {
    let rollback = deploy_sdk::RollbackInfo::builder()
        .rollback_deployment_id("")
        .build();
    let sdk = deploy_sdk::DeploymentInfo::builder()
        .deployment_id("d-1")
        .status("Thinking".into())
        .rollback_info(rollback)
        .build();
    let deployment = code_deploy::deployment(&sdk).unwrap();
    assert_eq!(deployment.rollback_deployment, None);
    assert_eq!(
        deployment.status,
        CodeDeployStatus::Unknown("Thinking".to_owned())
    );
}

#[test]
fn switched_off_rollbacks_and_alarms_of_a_group_count_as_none() {
    let alarm = deploy_sdk::Alarm::builder().name("cpu").build();
    let sdk = deploy_sdk::DeploymentGroupInfo::builder()
        .application_name("app")
        .deployment_group_name("group")
        .alarm_configuration(
            deploy_sdk::AlarmConfiguration::builder()
                .enabled(false)
                .alarms(alarm)
                .build(),
        )
        .auto_rollback_configuration(
            deploy_sdk::AutoRollbackConfiguration::builder()
                .enabled(false)
                .events(deploy_sdk::AutoRollbackEvent::DeploymentFailure)
                .build(),
        )
        .build();
    let group = code_deploy::group(&sdk).unwrap();
    assert_eq!((group.alarms.len(), group.rollback_events.len()), (0, 0));
}

#[test]
fn a_group_that_goes_on_by_itself_has_no_ready_wait() {
    let ready = deploy_sdk::DeploymentReadyOption::builder()
        .action_on_timeout(deploy_sdk::DeploymentReadyAction::ContinueDeployment)
        .build();
    let blue_green = deploy_sdk::BlueGreenDeploymentConfiguration::builder()
        .deployment_ready_option(ready)
        .build();
    let sdk = deploy_sdk::DeploymentGroupInfo::builder()
        .application_name("app")
        .deployment_group_name("group")
        .blue_green_deployment_configuration(blue_green)
        .build();
    assert_eq!(code_deploy::group(&sdk).unwrap().ready_wait_minutes, None);
}

#[test]
fn thresholds_of_the_breaker_survive_the_way_there_and_back() {
    for unit in [
        ThresholdUnit::BoundedPercent,
        ThresholdUnit::Count,
        ThresholdUnit::UnboundedPercent,
        ThresholdUnit::Unknown("DOZENS".to_owned()),
    ] {
        let mut wanted = configuration(Strategy::Rolling);
        wanted.circuit_breaker = Some(CircuitBreaker {
            enable: true,
            rollback: false,
            threshold: Some(BreakerThreshold { unit, value: 3 }),
            reset_on_healthy_task: Some(true),
        });
        let sdk = services::to_deployment_configuration(&wanted).unwrap();
        let service =
            services::service(&bare_service().deployment_configuration(sdk).build()).unwrap();
        assert_eq!(service.deployment_configuration, Some(wanted));
    }
}

#[test]
fn traffic_routing_keeps_unknown_types() {
    let canary = deploy_sdk::TimeBasedCanary::builder()
        .canary_percentage(10)
        .canary_interval(5)
        .build();
    for (kind, expected) in [
        ("AllAtOnce", TrafficRouting::AllAtOnce),
        (
            "TimeBasedCanary",
            TrafficRouting::Canary {
                percent: 10,
                interval_minutes: 5,
            },
        ),
        ("Spiral", TrafficRouting::Unknown("Spiral".to_owned())),
    ] {
        let routing = deploy_sdk::TrafficRoutingConfig::builder()
            .r#type(kind.into())
            .time_based_canary(canary.clone())
            .build();
        let sdk = deploy_sdk::DeploymentConfigInfo::builder()
            .deployment_config_name("c")
            .traffic_routing_config(routing)
            .build();
        assert_eq!(code_deploy::config(&sdk).unwrap().routing, Some(expected));
    }
}

#[test]
fn a_scalable_target_is_named_after_the_cluster_name_even_when_an_arn_is_given() {
    let service = ServiceRef {
        cluster: "arn:aws:ecs:r:1:cluster/main".to_owned(),
        name: "web".to_owned(),
    };
    assert_eq!(scaling::resource_id(&service), "service/main/web");
    let suspended = scaling_sdk::SuspendedState::builder()
        .dynamic_scaling_in_suspended(true)
        .build();
    let sdk = scaling_sdk::ScalableTarget::builder()
        .service_namespace(scaling_sdk::ServiceNamespace::Ecs)
        .resource_id("service/main/web")
        .scalable_dimension(scaling_sdk::ScalableDimension::EcsServiceDesiredCount)
        .min_capacity(2)
        .max_capacity(9)
        .role_arn("arn:role")
        .creation_time(DateTime::from_secs(0))
        .suspended_state(suspended)
        .build()
        .unwrap();
    let target = scaling::scalable_target(&sdk);
    assert_eq!(
        (
            target.bounds.min,
            target.bounds.max,
            target.suspended.scale_in
        ),
        (2, 9, true)
    );
}
