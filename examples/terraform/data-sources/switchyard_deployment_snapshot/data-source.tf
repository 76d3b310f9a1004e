# The newest one that was taken of a healthy service:
data "switchyard_deployment_snapshot" "last_good" {
  cluster = "main"
  service = "checkout"
}

output "images_of_the_last_good_snapshot" {
  value = [
    for container in jsondecode(data.switchyard_deployment_snapshot.last_good.document).task_definition.containers :
    container.image
  ]
}
