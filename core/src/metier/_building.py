"""What `metier.app` builds a running metier from: policies, settings of plugins, an engine."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from metier import config
from metier._index_server import index_server, refused_index
from metier._setting_faults import setting_faults
from metier._sources import secret
from metier.model import ClauseReader, Engine, MetierError
from metier.plugins import Isolation, Judge, Registry, discover
from metier.policy import (
    BUILT_IN,
    ConsentText,
    PolicyHolder,
    PolicySet,
    Target,
    load_consent_text,
    read_public_keys,
)
from metier.privacy import Detector

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer

    from metier.encoder import Encoder, Terms
    from metier.inference import Backend
    from metier.knowledge import Index
    from metier.learning import Personalizer


def find_plugins(
    home: Path,
    settings: config.Settings,
    extra: Sequence[object] = (),
    judge: Judge | None = None,
    reader: ClauseReader | None = None,
) -> Registry:
    """Finds the plugins, those that the configuration isolates in processes of their own.

    Close the registry afterwards. Args and errors are those of `metier.plugins.discover`, but
    for `reader`, which is asked of clauses of which no rule reads anything.
    """
    from metier.pipeline import CoreDefaults

    chosen = settings.isolation
    isolation = Isolation(
        plugins=frozenset(chosen.plugins),
        trusted=None if chosen.trusted is None else frozenset(chosen.trusted),
        secrets=(home,),
        memory=chosen.memory_mb << 20,
        cpu=chosen.cpu_seconds,
    )
    return discover(extra, defaults=(CoreDefaults(reader),), judge=judge, isolation=isolation)


class Lazy:
    """The heavy parts, opened when first used."""

    def __init__(
        self, home: Path, settings: config.Settings, registry: Registry, policy: PolicySet
    ) -> None:
        self._home = home
        self._settings = settings
        self._registry = registry
        self._opened = False
        self.follow(policy)

    def follow(self, policy: PolicySet) -> None:
        """Finds what other policies declare from now on."""
        self._policy = policy
        self._refused = refused_index(self._settings, policy)
        self._declared = _declared(policy)
        self._detectors: dict[str, Detector] = {}

    @cached_property
    def encoder(self) -> Encoder | None:
        if self._settings.embeddings == "none":
            return None
        from metier.encoder import Encoder

        return Encoder.open(self._home / "model")

    @cached_property
    def terms(self) -> Terms:
        from metier.encoder import Terms

        return Terms(self._home / "index" / "jieba")

    @property
    def index(self) -> Index:
        if self._refused is not None:
            raise self._refused.with_traceback(None)
        return self._index

    @cached_property
    def _index(self) -> Index:
        from metier.knowledge import Index

        place = index_server(self._settings, self._policy)
        index = Index.open(self._home / "index", self.encoder, self.terms, place)
        self._opened = True
        return index

    def detector(self, domain: str) -> Detector:
        if domain not in self._detectors:
            host = self._registry.host(domain, self._settings.extensions)
            found = [r for c in host.collect("recognizers") for r in c.value]
            found += self._declared
            found += self._named(domain)
            self._detectors[domain] = Detector(found, allow=self._policy.allowed_values)
        return self._detectors[domain]

    def _named(self, domain: str) -> list[EntityRecognizer]:
        """What the configuration adds: the name model, and recognizers from elsewhere."""
        from metier.privacy import ModelNames, SpacyNames  # loads Presidio

        chosen = self._settings.privacy
        added = [each for place in chosen.recognizers for each in imported(place)]
        if chosen.names == "model":
            added.append(ModelNames(self._policy.detection(domain)))
        elif chosen.names.startswith("spacy:"):
            added.append(SpacyNames(chosen.names.removeprefix("spacy:")))
        return added

    def close(self) -> None:
        if self._opened:
            self._index.close()


_OWN_POLICIES = "policies"
"""The plugin with metier's own policy files. Installed and broken, it is never just left out."""


def _declared(policy: PolicySet) -> list[EntityRecognizer]:
    """Recognizers of what the policies declare.

    Raises:
        MetierError: a term or a pattern that can't be used, with the rule that holds it.
    """
    if not (policy.declared or policy.regions):
        return []
    from metier.privacy import DeclaredPattern, DictionaryRecognizer, Phones  # loads Presidio

    found: list[EntityRecognizer] = [Phones(policy.regions)] if policy.regions else []
    for each in policy.declared:
        try:
            found.append(
                DeclaredPattern(
                    each.entity, each.pattern, name=each.rule, score=each.score,
                    ignore_case=not each.match_case, context=each.context,
                )
                if each.pattern
                else DictionaryRecognizer(
                    each.entity, each.terms, name=each.rule, score=each.score,
                    match_case=each.match_case, context=each.context,
                )
            )  # fmt: skip
        except MetierError as error:
            raise MetierError(
                f"The policy ({each.rule}): {error.message}", code="bad_policy"
            ) from None
    return found


def imported(place: str) -> list[EntityRecognizer]:
    """The recognizers that "module:name" gives.

    Raises:
        MetierError: there is no such thing, it fails, or gives something else.
    """
    from presidio_analyzer import EntityRecognizer

    module, _, name = place.partition(":")
    try:
        given = getattr(import_module(module), name)()
    except Exception as error:
        raise MetierError(
            f"metier.toml: `privacy.recognizers`: '{place}' gives no recognizer "
            f"({type(error).__name__}). Is its package installed?",
            code="bad_config",
        ) from None
    every = [given] if isinstance(given, EntityRecognizer) else list(given)
    if not all(isinstance(each, EntityRecognizer) for each in every):
        raise MetierError(
            f"metier.toml: `privacy.recognizers`: '{place}' gives something else than Presidio "
            "recognizers.",
            code="bad_config",
        )
    return every


def check_given(registry: Registry, count: int) -> None:
    """An installed plugin that is broken is listed; one that a program hands over is its fault.

    Raises:
        MetierError: one of the last `count` plugins does not work, or its name is taken.
    """
    for plugin in registry.plugins[len(registry.plugins) - count :]:
        if plugin.status != "ok":
            raise MetierError(
                f"The plugin '{plugin.name}' that was given does not work: {plugin.reason}.",
                code="plugin_not_usable",
            )


def hold_policies(registry: Registry, settings: config.Settings) -> PolicyHolder:
    """The policies in force, which can be read anew; metier's own where there are no others.

    Raises:
        MetierError: where one can't be used, or one that should be in force is not.
    """
    for plugin in registry.plugins:
        if plugin.name == _OWN_POLICIES and plugin.status != "ok":
            raise MetierError(
                f"The plugin '{plugin.name}' does not work: {plugin.reason}. Without the policies "
                "it brings nothing is served; mend or uninstall it.",
                code="policy_missing",
            )

    def accept(policy: PolicySet) -> None:
        in_force = {each.name for each in policy.policies}
        if missing := sorted(set(settings.required_policies) - in_force):
            raise MetierError(
                f"metier.toml: `required_policies` names {', '.join(missing)}, which no plugin "
                "brings and no file under `policies` holds; nothing is served without. In force: "
                f"{', '.join(sorted(in_force)) or 'none'}.",
                code="policy_missing",
            )

    return PolicyHolder(
        lambda: policy_files(registry, settings),
        trusted=read_public_keys(settings.policy_keys),
        pins=settings.policy_pins,
        accept=accept,
    )


def policy_files(registry: Registry, settings: config.Settings) -> list[Path]:
    """The policy files in force: those of plugins, of the laws that are named, and the home's own.

    Raises:
        MetierError: a law is named that no plugin brings.
    """
    brought = [file for c in registry.collect("policies") for file in c.value]
    laws = {file.name: file.path for file in brought if file.kind == "law"}
    if missing := sorted(set(settings.laws) - set(laws)):
        raise MetierError(
            f"metier.toml: `laws` names {', '.join(missing)}, which no plugin brings. There are: "
            f"{', '.join(sorted(laws)) or 'none'}.",
            code="policy_missing",
        )
    files = {file.path for file in brought if file.kind == "policy"}
    files |= {laws[name] for name in settings.laws} | set(settings.policies)
    return sorted(files) or [BUILT_IN]


def consent_texts(registry: Registry) -> dict[str, ConsentText]:
    """The texts that people agree to, by category.

    Raises:
        MetierError: one can't be used.
    """
    brought = [file for c in registry.collect("policies") for file in c.value]
    found = [load_consent_text(file.path) for file in brought if file.kind == "consent"]
    return {text.category: text for text in found}


def plugin_configs(registry: Registry, settings: config.Settings) -> dict[str, BaseModel]:
    """Each plugin's settings, checked against its own model.

    Raises:
        MetierError: naming the table that has a fault, or that no plugin reads.
    """
    installed = {plugin.name for plugin in registry.plugins}
    for name in settings.plugins:
        if name not in installed:
            near = difflib.get_close_matches(name, installed, 1)
            hint = f". Did you mean '{near[0]}'?" if near else "."
            known = ", ".join(sorted(installed))
            raise _bad_table(name, f"there is no plugin of that name{hint} Installed: {known}.")
    configs: dict[str, BaseModel] = {}
    for plugin in registry.plugins:
        if plugin.status != "ok" or plugin.manifest is None:
            continue
        table, model = settings.plugins.get(plugin.name, {}), plugin.manifest.config
        if model is not None:
            configs[plugin.name] = _plugin_config(plugin.name, model, table)
        elif table:
            raise _bad_table(plugin.name, "the plugin takes no settings; delete the table.")
    return configs


def _plugin_config(name: str, model: type[BaseModel], table: Mapping[str, Any]) -> BaseModel:
    try:
        return model.model_validate(table)
    except ValidationError as error:
        where, wrong = setting_faults(error, model)[0]
        raise _bad_table(name, f"`{where}`: {wrong}" if where else wrong) from None
    except Exception as error:  # a plugin's own validator; its words may be a setting
        kind = type(error).__name__
        raise _bad_table(name, f"the plugin could not check its settings ({kind}).") from None


def _bad_table(name: str, problem: str) -> MetierError:
    return MetierError(f"metier.toml: [plugins.{name}]: {problem}", code="bad_config")


def make_engine(settings: config.Settings, policy: PolicySet) -> Engine:
    """The engine that is configured, with those that stand in for it.

    Raises:
        MetierError: a policy doesn't allow a target or an address, a fallback would see
            less than the engine it stands in for, or something else can't be used.
    """
    from metier import inference

    chosen = settings.engine
    first = _engine(chosen, policy, "engine")
    others = []
    for place, each in enumerate(chosen.fallbacks):
        where = f"engine.fallbacks[{place}]"
        if (rule := policy.fewer_rights(each.target, chosen.target)) is not None:
            raise MetierError(
                f"metier.toml: `{where}`: the target '{each.target}' may see less than "
                f"'{chosen.target}' ({rule}), and no answer falls back on such a one. Leave it "
                "out, or have the policy changed.",
                code="target_not_allowed",
            )
        others.append(_engine(each, policy, where))
    adapters = {domain: inference.check_adapter(n) for domain, n in chosen.adapters.items()}
    if not others and not adapters:
        return first
    return inference.WithFallbacks(first, others, adapters)


def _engine(chosen: config.ModelSettings, policy: PolicySet, where: str) -> Engine:
    from metier import inference

    if chosen.kind == "grounded":
        return inference.GroundedEngine()
    if chosen.kind == "langchain":
        return inference.LangChainEngine(_chat_model(chosen, where), chosen.target)
    target = policy.target(chosen.target)
    if target is None:
        raise MetierError(
            f"No policy allows the target '{chosen.target}' of `{where}`. Declare it under "
            "`targets` and `allow_targets` in a policy file named in metier.toml.",
            code="target_not_allowed",
        )
    listed = chosen.backends or (
        config.BackendSettings(name="server", base_url=chosen.base_url or target.base_url),
    )
    backends = [_backend(chosen, each, target, where) for each in listed]
    waits = chosen.timeouts
    return inference.Pool(
        backends,
        inference.Timeouts(waits.first_token, waits.between_tokens, waits.whole),
        retries=chosen.retries,
        hedge=chosen.hedge_seconds,
    )


def _backend(
    chosen: config.ModelSettings,
    each: config.BackendSettings,
    target: Target,
    where: str,
) -> Backend:
    from metier import inference
    from metier.egress import EgressClient, TargetRule

    declared = [url.rstrip("/") for url in (target.base_url, *target.base_urls) if url]
    if not chosen.model:
        raise MetierError(
            f"metier.toml: `{where}.model` is missing: the name of the model that the server "
            "of an engine of this kind serves.",
            code="bad_config",
        )
    if not each.base_url:
        raise MetierError(
            f"metier.toml: `{where}.base_url` is missing: the address of the model server, such "
            f"as 'http://127.0.0.1:8000/v1'. The policy declares none for '{chosen.target}'.",
            code="bad_config",
        )
    if declared and each.base_url.rstrip("/") not in declared:
        raise MetierError(
            f"metier.toml: `{where}`: the address of '{each.name}' must be one that the policy "
            f"declares for the target '{chosen.target}', under `base_url` or `base_urls`.",
            code="target_not_allowed",
        )
    waits = chosen.timeouts
    rule = TargetRule(
        base_url=each.base_url,
        private=target.private or chosen.target == "local",
        connect=waits.connect,
        first_byte=waits.first_token,
        between_bytes=waits.between_tokens,
        whole=waits.whole,
    )
    variable = each.api_key_env or chosen.api_key_env
    key = secret(variable) if variable else None
    # vLLM has its figures beside the API, at the root of the same server.
    root = f"{chosen.target} (metrics)"
    beside = replace(rule, base_url=each.base_url.rstrip("/").removesuffix("/v1"))
    client = EgressClient({chosen.target: rule, root: beside})
    options, figures = None, None
    if chosen.kind == "vllm":
        options = inference.VllmOptions(chosen.priority, chosen.truncate_prompt_tokens)
        figures = partial(inference.ask_metrics, client, root)
    inner = inference.OpenAIEngine(client, chosen.target, chosen.model, key)
    circuit = inference.Circuit(chosen.breaker.failures, chosen.breaker.seconds)
    engine = inference.ServerEngine(inner, options, figures)
    return inference.Backend(each.name, engine, circuit)


def _chat_model(chosen: config.ModelSettings, where: str) -> Any:
    """The chat model of an engine.

    Raises:
        MetierError: LangChain can't make it.
    """
    from langchain.chat_models import init_chat_model

    options = dict(chosen.options)
    if chosen.base_url:
        options["base_url"] = chosen.base_url
    if chosen.api_key_env:
        options["api_key"] = secret(chosen.api_key_env)
    try:
        return init_chat_model(chosen.model, **options)
    except Exception as error:  # the words of another's error may be an option, so a secret
        kind = type(error).__name__
        raise MetierError(
            f"metier.toml: `{where}`: LangChain makes no chat model of `model` and `options` "
            f"({kind}). `model` is such as 'openai:gpt-4o-mini'; the package of its provider, here "
            "langchain-openai, has to be installed, and `api_key_env` to name its key.",
            code="bad_config",
        ) from None


def make_personalizers(home: Path) -> tuple[Personalizer, ...]:
    """What fits answers to a person: the core's rules, those that the operator keeps, what was
    liked, and how the person writes.

    Raises:
        MetierError: a file of rules in the home's `rules` folder can't be used.
    """
    from metier.learning import StyleMirror, Suits, core_rules, load_rules

    own = sorted((home / "rules").glob("*.yaml"))
    return (core_rules(), *map(load_rules, own), Suits(), StyleMirror())
