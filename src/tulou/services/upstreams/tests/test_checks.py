"""What can be no upstream and no credential is refused by the name of its field, and no secret is said."""

from dataclasses import replace

import pytest

from tulou.contracts.upstreams.messages import AddCredential, AuthStyle, UpstreamSpec
from tulou.kernel.errors import InvalidError
from tulou.services.upstreams.domain.checks import check_credential, check_spec, clean_secret, hint_of
from tulou.services.upstreams.domain.proof import proof_of

SPEC = UpstreamSpec(name="openai", provider="openai")
WRONG: list[tuple[UpstreamSpec, str]] = [
    (replace(SPEC, name=""), "name"),
    (replace(SPEC, name="a/b"), "name"),
    (replace(SPEC, base_url=""), "base_url"),
    (replace(SPEC, base_url="ftp://a"), "base_url"),
    (replace(SPEC, base_url="https://user:hidden@a/v1"), "base_url"),
    (replace(SPEC, base_url="https://a/v1?key=hidden"), "base_url"),
    (replace(SPEC, base_url="https://[a/v1"), "base_url"),
    (replace(SPEC, base_url="https://a:99999/v1"), "base_url"),
    (replace(SPEC, base_url="https://a/v1\r\nx: y"), "base_url"),
    (replace(SPEC, variables={"region": "a/../b"}), "variables.region"),
    (replace(SPEC, paths={"chat": "no-slash"}), "paths"),
    (replace(SPEC, paths={"chat": "/a b"}), "paths"),
    (replace(SPEC, paths={"Chat": "/a"}), "paths"),
    (replace(SPEC, headers=(("Authorization", "Bearer hidden"),)), "headers"),
    (replace(SPEC, headers=(("x-api-key", "hidden"),)), "headers"),
    (replace(SPEC, headers=(("Host", "other"),)), "headers"),
    (replace(SPEC, headers=(("x-a", "hidden\r\nx-b: c"),)), "headers"),
    (replace(SPEC, headers=(("x a", "b"),)), "headers"),
    (replace(SPEC, headers=tuple((f"x-{n}", "") for n in range(21))), "headers"),
]


@pytest.mark.parametrize(("spec", "param"), WRONG)
def test_what_can_be_no_upstream_is_refused(spec: UpstreamSpec, param: str) -> None:
    with pytest.raises(InvalidError) as refused:
        check_spec(spec)
    assert refused.value.param == param
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    ("secret", "reference", "param"),
    [
        ("", "", "secret"),
        ("hidden", "env://A", "secret"),
        ("", "hidden", "reference"),
        ("", "http://hidden", "reference"),
        ("hidden\nhidden", "", "secret"),
        ("hiddén", "", "secret"),
        ("{hidden", "", "secret"),
        ("x" * 20_000, "", "secret"),
    ],
)
def test_what_can_be_no_credential_is_refused_without_being_said(secret: str, reference: str, param: str) -> None:
    with pytest.raises(InvalidError) as refused:
        check_credential(AddCredential(upstream="u", name="n", secret=secret, reference=reference))
    assert refused.value.param == param
    assert "hidden" not in str(refused.value)


def test_a_secret_that_was_pasted_with_a_newline_is_the_same_secret() -> None:
    assert clean_secret("  sk-1234\n") == "sk-1234"
    assert clean_secret('{\n "access_key_id": "A"\n}') == '{"access_key_id":"A"}'


@pytest.mark.parametrize(("secret", "hint"), [("sk-0123456789", "6789"), ("short", ""), ("sk-01234567890-_=", "")])
def test_the_hint_says_little(secret: str, hint: str) -> None:
    assert hint_of(secret) == hint


@pytest.mark.parametrize(
    ("style", "name", "value"),
    [
        ("bearer", "authorization", "Bearer sk"),
        ("none", "authorization", "Bearer sk"),
        ("x-api-key", "x-api-key", "sk"),
        ("api-key", "api-key", "sk"),
        ("x-goog-api-key", "x-goog-api-key", "sk"),
        ("aws", "authorization", "Bearer sk"),
    ],
)
def test_each_style_has_its_header(style: AuthStyle, name: str, value: str) -> None:
    assert proof_of(style, "sk") == ((name, value),)


@pytest.mark.parametrize(
    "secret",
    [
        "AKIA1:s3cret:t0ken",
        '{"AccessKeyId":"AKIA1","SecretAccessKey":"s3cret","SessionToken":"t0ken","Expiration":"never"}',
        '{"aws_access_key_id":"AKIA1","aws_secret_access_key":"s3cret","aws_session_token":"t0ken"}',
    ],
)
def test_an_aws_key_is_taken_in_each_form_that_aws_gives_it(secret: str) -> None:
    assert dict(proof_of("aws", secret, region="eu-west-1")) == {
        "x-aws-access-key-id": "AKIA1",
        "x-aws-secret-access-key": "s3cret",
        "x-aws-session-token": "t0ken",
        "x-aws-region": "eu-west-1",
    }


@pytest.mark.parametrize("secret", ['{"access_key_id":"hidden"}', '{"access_key_id":"a\\n","secret_access_key":"b"}'])
def test_an_aws_key_that_is_none_is_refused_without_being_said(secret: str) -> None:
    with pytest.raises(InvalidError) as refused:
        proof_of("aws", secret)
    assert "hidden" not in str(refused.value)
