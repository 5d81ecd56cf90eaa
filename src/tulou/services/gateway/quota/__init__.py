"""Limits on the hot path: shares of them are held in this process, so that most requests ask nobody.

`QuotaKeeper` (`keeper.py`) is the one holder of shares of a process; `QuotaStage` (`stack/quota.py`) is the stage.

```python
keeper = QuotaKeeper(allowances, clock=clock, settings=QuotaSettings(...), counters=QuotaCounters(registry))
group.create_task(keeper.run())                    # asks for shares, settles, gives idle ones back; until cancelled
keeper.compile(mirror.rules, price=UpperPrice(book, served, clock=clock))      # with each plan
keeper.obey(mirror.rules)                          # where limits alone have changed
QuotaStage(inner, model, keeper)                        # a builder of the place `quota`: one for each route's model
await keeper.close()                               # at the end: gives everything back, within a second
```

`allowances` is a `ports.allowances.Allowances`: `ControlAllowances(limits)` over the limits contract, or Redis.
`served[model]` are those that may answer a model (`rules.metering.findings.Answerer`), for the upper price; none:
itself.

The stage sets `call.reservation` and adds OpenAI's `x-ratelimit-*` to `call.headers`. Whoever runs the call ends the
reservation, exactly once is enough and more do no harm:

* `settle(units, cost)` with what the ledger counted, all attempts together, however the request ended
* `release()` when nothing at all was done for it: it counts as never asked

A reservation that nobody ends is settled at its estimate after `reserved_s`. Refusals are `RateLimitedError`
(`rate_limit_exceeded`), `QuotaUsedUpError` (`insufficient_quota`) and `TooManyAtOnceError` (`concurrency_exceeded`):
429, with `retry_after_s`, and `limit` naming the limit, for `Entry.refused_by`.
"""
