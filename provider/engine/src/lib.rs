//! Carries rollout decisions out through ports: observe, decide, perform.
