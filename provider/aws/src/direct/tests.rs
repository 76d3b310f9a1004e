use super::xml::Element;
use crate::service::Service;
use crate::way::{Wanted, place};

async fn url(service: Service, region: &str, use_fips: bool, use_dualstack: bool) -> String {
    let wanted = Wanted {
        region,
        use_fips,
        use_dualstack,
        own: None,
    };
    place(service, wanted).await.unwrap().url
}

#[tokio::test]
async fn endpoints_follow_the_partition_of_the_region() {
    for (service, region, expected) in [
        (
            Service::Ec2,
            "eu-west-1",
            "https://ec2.eu-west-1.amazonaws.com",
        ),
        (
            Service::Ec2,
            "cn-north-1",
            "https://ec2.cn-north-1.amazonaws.com.cn",
        ),
        (
            Service::Ecr,
            "eu-west-1",
            "https://api.ecr.eu-west-1.amazonaws.com",
        ),
        (
            Service::EventBridge,
            "eu-west-1",
            "https://events.eu-west-1.amazonaws.com",
        ),
        (
            Service::Lambda,
            "us-gov-west-1",
            "https://lambda.us-gov-west-1.amazonaws.com",
        ),
        (Service::Iam, "eu-west-1", "https://iam.amazonaws.com"),
        (
            Service::Iam,
            "cn-northwest-1",
            "https://iam.cn-north-1.amazonaws.com.cn",
        ),
        (
            Service::Iam,
            "us-gov-east-1",
            "https://iam.us-gov.amazonaws.com",
        ),
    ] {
        let found = url(service, region, false, false).await;
        assert_eq!(found, expected, "{service:?} in {region}");
    }
}

#[tokio::test]
async fn fips_and_dual_stack_are_part_of_the_host_name() {
    let fips = url(Service::Sns, "us-east-1", true, false).await;
    assert_eq!(fips, "https://sns-fips.us-east-1.amazonaws.com");
    let fips = url(Service::Ecr, "us-east-1", true, false).await;
    assert_eq!(fips, "https://ecr-fips.us-east-1.amazonaws.com");
    let dual = url(Service::Ec2, "eu-west-1", false, true).await;
    assert_eq!(dual, "https://ec2.eu-west-1.api.aws");
}

#[tokio::test]
async fn an_endpoint_of_ones_own_keeps_the_region_of_the_signature() {
    let wanted = Wanted {
        region: "eu-west-1",
        use_fips: false,
        use_dualstack: false,
        own: Some("http://127.0.0.1:5000/"),
    };
    let found = place(Service::Iam, wanted).await.unwrap();
    assert_eq!(found.url, "http://127.0.0.1:5000");
    assert_eq!(found.signing_region, "us-east-1");
}

#[test]
fn a_document_is_read_as_a_tree() {
    let text = b"<?xml version=\"1.0\"?><A xmlns=\"http://x/\"><list><item><id> a </id></item><item/></list></A>";
    let root = Element::read(text).unwrap();
    let ids: Vec<Option<&str>> = root
        .entries("list")
        .map(|item| item.text_of("id"))
        .collect();
    assert_eq!(ids, [Some("a"), None]);
    assert_eq!(root.anywhere("id").map(Element::text), Some("a"));
    assert_eq!(Element::read(b"{}"), None);
}
