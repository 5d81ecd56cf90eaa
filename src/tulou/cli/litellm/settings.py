"""Settings of LiteLLM's that become nothing here: what each does, and what stands in its place."""

from collections.abc import Mapping

from tulou.cli.litellm.notes import Kind

Words = Mapping[str, str]
Told = tuple[tuple[Words, Kind], ...]

_CACHE = "answers are not cached here"
_ELSEWHERE = "see `[tracing]` and /metrics for what goes to other tools"
_REDIS = "limits over several hosts: see [ports] cache"
_DATABASE = "the house has a database of its own; see [ports] database"
_REQUEST = "is no default that an entry may have here: clients send it"
_CONTEXT = "a request that is too long for its model is an error here, and no reason to fall back"
_POLICY = "what a vendor refuses is told to the client here, and no reason to fall back"
_LIMITS = "set a limit: `tulou limits set`"
_DROPPED = "what an upstream cannot take is always an error or a reported drop here"

ENTRY: Told = (
    (
        {
            "tags": "tags do not choose an upstream here",
            "max_budget": f"no upstream has a budget here; {_LIMITS}",
            "budget_duration": f"no upstream has a budget here; {_LIMITS}",
            **dict.fromkeys(
                (*("num_ctx", "response_format", "n", "logprobs", "service_tier", "default_params", "dimensions"),),
                _REQUEST,
            ),
            "additional_drop_params": _DROPPED,
            "allowed_openai_params": _DROPPED,
        },
        "unsupported",
    ),
    (
        {
            "drop_params": _DROPPED,
            "mock_response": "is for tests",
            "use_in_pass_through": "is LiteLLM's own",
            "merge_reasoning_content_in_choices": "thoughts have a field of their own here",
            "input_cost_per_token_cache_hit": "is a price",
        },
        "not_needed",
    ),
)

INFO = frozenset(
    {
        *("id", "base_model", "db_model", "key", "mode", "litellm_provider", "max_tokens", "max_input_tokens"),
        *("max_output_tokens", "created_at", "updated_at", "created_by", "updated_by"),
        *("supported_openai_params", "supports_system_messages", "health_check_model", "health_check_timeout"),
        *("disable_background_health_check", "supports_vision", "supports_function_calling", "supports_reasoning"),
        *("supports_tool_choice", "supports_response_schema", "supports_prompt_caching", "supports_pdf_input"),
        *("supports_audio_input", "supports_audio_output", "supports_web_search", "supports_assistant_prefill"),
        *("supports_parallel_function_calling", "supports_native_streaming", "supports_embedding_image_input"),
        *("supports_computer_use", "supports_url_context", "supported_endpoints", "supported_modalities"),
        *("supported_output_modalities", "output_vector_size", "direct_access"),
    }
)
"""What is said of a model for people, for LiteLLM's own health checks, or that the house knows itself."""

LITELLM: Told = (
    (
        {
            "context_window_fallbacks": _CONTEXT,
            "content_policy_fallbacks": _POLICY,
            "cache": _CACHE,
            "cache_params": _CACHE,
            "callbacks": _ELSEWHERE,
            "success_callback": _ELSEWHERE,
            "failure_callback": _ELSEWHERE,
            "service_callback": _ELSEWHERE,
            "max_end_user_budget": _LIMITS,
            "default_team_settings": "teams are projects here, each with limits of its own",
            "default_internal_user_params": "people get roles and limits of their own here",
            "default_key_generate_params": "each key says what it may do here: `tulou keys create`",
            "upperbound_key_generate_params": "each key says what it may do here: `tulou keys create`",
            "guardrails": "guardrails are policies here: see docs/howto/policies.md",
            "enable_preview_features": "is LiteLLM's own",
            "modify_params": "requests are translated between dialects here, and never changed otherwise",
        },
        "unsupported",
    ),
    (
        {
            "drop_params": _DROPPED,
            "set_verbose": "see [house] log_level",
            "json_logs": "logs are JSON here",
            "turn_off_message_logging": "prompts are never logged here",
            "redact_user_api_key_info": "keys are never logged here",
            "telemetry": "the house sends nothing home",
            "suppress_debug_info": "see [house] log_level",
            "force_ipv4": "the house asks for both",
        },
        "not_needed",
    ),
)

ROUTER: Told = (
    (
        {
            "context_window_fallbacks": _CONTEXT,
            "content_policy_fallbacks": _POLICY,
            "routing_strategy_args": "balancing has no such settings here",
            "retry_policy": "attempts are the same after every error that may pass: see [retry] of the route",
            "model_group_retry_policy": "attempts are the same after every error that may pass",
            "allowed_fails_policy": "a breaker counts what is the upstream's own failure",
            "stream_timeout": "deadlines are the same for streams here",
            "enable_tag_filtering": "tags do not choose an upstream here",
            "provider_budget_config": f"no provider has a budget here; {_LIMITS}",
            "cache_responses": _CACHE,
            "disable_cooldowns": "an upstream that fails rests for a while here",
        },
        "unsupported",
    ),
    (
        {
            "redis_host": _REDIS,
            "redis_port": _REDIS,
            "redis_password": _REDIS,
            "redis_url": _REDIS,
            "enable_pre_call_checks": "limits are always checked before a call here",
            "retry_after": "pauses between attempts grow by themselves here",
            "set_verbose": "see [house] log_level",
            "debug_level": "see [house] log_level",
        },
        "not_needed",
    ),
)

GENERAL: Told = (
    (
        {
            "store_model_in_db": "models that LiteLLM keeps in its database are not in this file: use --from-proxy",
            "alerting": "see deploy/alerts for alerts by Prometheus",
            "alerting_threshold": "see deploy/alerts for alerts by Prometheus",
            "max_parallel_requests": "set a limit with scope key, measure concurrency",
            "global_max_parallel_requests": "set a limit with scope house, measure concurrency",
            "pass_through_endpoints": "paths of vendors are not passed through here",
            "custom_auth": "people sign in with keys or OpenID Connect here: see docs/howto/sign-in.md",
            "enable_jwt_auth": "people sign in with keys or OpenID Connect here: see docs/howto/sign-in.md",
            "litellm_jwtauth": "people sign in with keys or OpenID Connect here: see docs/howto/sign-in.md",
            "user_header_name": "who asks is known by the key here",
            "user_header_mappings": "who asks is known by the key here",
        },
        "unsupported",
    ),
    (
        {
            "master_key": "is LiteLLM's own; this house has its admin key",
            "salt_key": "is LiteLLM's own; see [ports] master_key",
            "database_url": _DATABASE,
            "database_connection_pool_limit": _DATABASE,
            "database_connection_timeout": _DATABASE,
            "proxy_batch_write_at": "what is used is in the ledger at once here",
            "disable_spend_logs": "see docs/howto/costs.md for what the ledger keeps",
            "maximum_spend_logs_retention_period": "see [metering] for how long the ledger keeps",
            "maximum_spend_logs_retention_interval": "see [metering] for how long the ledger keeps",
            "background_health_checks": "health is known without paid probes here",
            "health_check_interval": "health is known without paid probes here",
            "proxy_budget_rescheduler_min_time": "budgets begin anew by the calendar here",
            "proxy_budget_rescheduler_max_time": "budgets begin anew by the calendar here",
            "ui_access_mode": "the console shows what a role allows",
        },
        "not_needed",
    ),
)
