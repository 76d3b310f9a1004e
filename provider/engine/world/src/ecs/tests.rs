//! Services and their deployments, told as stories.
