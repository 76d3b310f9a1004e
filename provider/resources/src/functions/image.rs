//! `provider::switchyard::image(…)`: a reference to an image, taken apart and checked.

use switchyard_engine::ports::ImageReference;
use tfplugin::function::{Function, FunctionError, Parameter, Signature};
use tfplugin::value::{Attr, ToValue as _, Type, Value};

/// Takes a reference apart.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Image;

impl Function for Image {
    fn name(&self) -> &'static str {
        "image"
    }

    fn signature(&self) -> Signature {
        let parts = ["digest", "reference", "registry", "repository", "tag"];
        Signature::new(Type::object(parts.map(|name| (name, Type::String))))
            .parameter(
                Parameter::new("reference", Type::String)
                    .description("The image, as in `image` of a container definition."),
            )
            .summary("Takes a reference to an image apart")
            .description(
                "Returns the parts of a reference to an image. A reference that no registry can have is an error: a digest \
                 that is not `sha256:` and 64 hexadecimal digits, a tag or repository with characters that are not allowed, \
                 capital letters in the repository.\n\n\
                 - `registry`: host of the registry, `docker.io` when the reference names none\n\
                 - `repository`: path inside the registry\n\
                 - `tag`: null when there is none; ECS then takes `latest` unless there is a digest\n\
                 - `digest`: null when there is none. A digest decides which image is pulled; a tag next to it does not\n\
                 - `reference`: the argument\n\n\
                 A check such as `provider::switchyard::image(var.image).digest != null` in a `validation` of a variable \
                 demands images that cannot change.",
            )
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let text = arguments
            .first()
            .and_then(Value::as_str)
            .unwrap_or_default();
        let image = ImageReference::parse(text);
        if let Some(fault) = image.fault() {
            return Err(FunctionError::argument(0, fault));
        }
        let part = |part: Option<&str>| {
            let part: Attr<String> = part.map(str::to_owned).into();
            part.to_value()
        };
        Ok(Value::object([
            ("digest", part(image.digest)),
            ("reference", part(Some(text))),
            ("registry", part(Some(image.registry))),
            ("repository", part(Some(image.repository))),
            ("tag", part(image.tag)),
        ]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_has_parts_and_a_wrong_one_a_reason() {
        let found = Image
            .call(&[Value::from("public.ecr.aws/nginx/nginx:1.29")])
            .unwrap();
        assert_eq!(found.attribute("registry").as_str(), Some("public.ecr.aws"));
        assert_eq!(found.attribute("repository").as_str(), Some("nginx/nginx"));
        assert_eq!(found.attribute("tag").as_str(), Some("1.29"));
        assert!(found.attribute("digest").is_null());
        let error = Image.call(&[Value::from("web@sha256:abc")]).unwrap_err();
        assert_eq!(
            error,
            FunctionError::argument(0, "has a digest of 3 digits; SHA-256 has 64.")
        );
    }
}
