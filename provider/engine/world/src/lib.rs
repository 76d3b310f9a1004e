//! An in-memory AWS with a clock: ECS, ELBv2, CodeDeploy, Application Auto Scaling and CloudWatch in one coherent state.
