//! Every story, interrupted in every way at every call.

use switchyard_engine::OnCancel;

use crate::interruption::{Interruption, Next, at_every_call};

macro_rules! every_call {
    ($($story:ident)+) => {
        $(mod $story {
            use super::*;
            use crate::stories::$story as story;

            #[tokio::test]
            async fn survives_death_at_each_call() {
                at_every_call(story, Interruption::DiesAfter).await;
            }

            #[tokio::test]
            async fn survives_a_death_that_nobody_notices_for_hours() {
                at_every_call(story, Interruption::DiesForLong).await;
            }

            #[tokio::test]
            async fn survives_each_lost_answer() {
                at_every_call(story, Interruption::AnswerLost).await;
            }

            #[tokio::test]
            async fn waits_until_what_it_wrote_shows() {
                at_every_call(story, Interruption::Lags).await;
            }

            #[tokio::test]
            async fn waits_for_an_endpoint_that_is_gone_for_a_minute() {
                at_every_call(story, Interruption::Unreachable).await;
            }

            #[tokio::test]
            async fn is_undone_when_it_is_cancelled() {
                at_every_call(story, Interruption::Cancelled(OnCancel::Rollback)).await;
            }

            #[tokio::test]
            async fn is_left_when_it_is_cancelled_and_adopted_later() {
                at_every_call(story, Interruption::Cancelled(OnCancel::Leave)).await;
            }

            #[tokio::test]
            async fn survives_a_second_request_to_stop() {
                at_every_call(story, Interruption::CancelledTwice).await;
            }
        })+
    };
}

every_call! {
    all_at_once
    gated_canary
    native_steps
    native_creation
    images
    code_deploy
    code_deploy_creation
    external
    external_creation
    to_native
    to_code_deploy
}

macro_rules! another_wish {
    ($($story:ident)+) => {
        mod another_wish {
            $(mod $story {
                use super::super::*;
                use crate::stories::$story as story;

                #[tokio::test]
                async fn is_taken_back_when_the_old_revision_is_wanted_again() {
                    at_every_call(story, Interruption::DiesThen(Next::Old)).await;
                }

                #[tokio::test]
                async fn gives_way_to_a_third_revision() {
                    at_every_call(story, Interruption::DiesThen(Next::Third)).await;
                }
            })+
        }
    };
}

mod another_controller {
    use super::*;
    use crate::stories::{before_a_deployment_group, code_deploy};

    #[tokio::test]
    async fn ecs_takes_over_from_an_abandoned_deployment_of_code_deploy() {
        let interruption = Interruption::DiesThen(Next::Controller);
        Box::pin(at_every_call(code_deploy, interruption)).await;
    }

    #[tokio::test]
    async fn code_deploy_takes_over_from_an_abandoned_deployment_of_ecs() {
        let interruption = Interruption::DiesThen(Next::Controller);
        Box::pin(at_every_call(before_a_deployment_group, interruption)).await;
    }
}

another_wish! {
    all_at_once
    gated_canary
    native_steps
    code_deploy
    external
}
