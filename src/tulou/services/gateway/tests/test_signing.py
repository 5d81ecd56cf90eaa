"""AWS Signature Version 4, held against the examples that AWS publishes (the suite `aws-sig-v4-test-suite`)."""

import pytest

from tulou.services.gateway.stack.failure import AttemptFailedError
from tulou.services.gateway.stack.signing import AwsKey, authorize, aws_key, canonical, signed

KEY = AwsKey("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "", "us-east-1", "service")
STAMP = "20150830T123600Z"
DATE = ("x-amz-date", STAMP)
HOST = ("host", "example.amazonaws.com")
FORM = ("content-type", "application/x-www-form-urlencoded")


@pytest.mark.parametrize(
    ("method", "target", "headers", "body", "signature"),
    [
        (  # get-vanilla
            "GET",
            "/",
            [HOST, DATE],
            b"",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (  # get-vanilla-query-order-key-case
            "GET",
            "/?Param2=value2&Param1=value1",
            [HOST, DATE],
            b"",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        (  # post-vanilla
            "POST",
            "/",
            [HOST, DATE],
            b"",
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ),
        (  # post-header-key-sort
            "POST",
            "/",
            [HOST, ("My-Header1", "value1"), DATE],
            b"",
            "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
        ),
        (  # get-header-value-trim
            "GET",
            "/",
            [HOST, ("My-Header1", " value1"), ("My-Header2", ' "a   b   c"'), DATE],
            b"",
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
        ),
        (  # post-x-www-form-urlencoded
            "POST",
            "/",
            [FORM, HOST, DATE],
            b"Param1=value1",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
    ],
)
def test_the_published_examples_are_signed_as_published(
    method: str, target: str, headers: list[tuple[str, str]], body: bytes, signature: str
) -> None:
    said = authorize(KEY, method=method, target=target, headers=headers, body=body, stamp=STAMP)
    assert said.endswith(f"Signature={signature}")
    assert said.startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ")


def test_a_path_that_is_encoded_already_is_encoded_once_more() -> None:
    _, request = canonical(method="POST", target="/model/anthropic.claude%3A0/converse", headers=[HOST], body=b"")
    assert request.splitlines()[1] == "/model/anthropic.claude%253A0/converse"


def test_a_session_token_goes_along_and_is_signed() -> None:
    key = KEY._replace(session="session")
    headers = dict(signed(key, target="/", headers=[HOST], body=b"", at=1_440_938_160.0))
    assert headers[b"x-amz-date"] == STAMP.encode()
    assert headers[b"x-amz-security-token"] == b"session"
    assert b"SignedHeaders=host;x-amz-date;x-amz-security-token" in headers[b"authorization"]


def test_the_region_is_read_off_the_host_where_the_credential_has_none() -> None:
    secret = {"x-aws-access-key-id": "a", "x-aws-secret-access-key": "b"}
    assert aws_key(secret, "bedrock-runtime.ap-southeast-2.amazonaws.com").region == "ap-southeast-2"
    assert aws_key(secret, "bedrock-runtime.us-gov-west-1.amazonaws.com").region == "us-gov-west-1"
    assert aws_key(secret | {"x-aws-region": "x"}, "127.0.0.1").region == "x"
    with pytest.raises(AttemptFailedError, match="no AWS key"):
        aws_key(secret, "127.0.0.1")
    assert "b" not in repr(aws_key(secret | {"x-aws-region": "x"}, "h")).replace("bedrock", "")
