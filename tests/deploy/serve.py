#!/usr/bin/env python3
"""MiniStack, with what Madang needs of a user pool and MiniStack lacks. docs/emulator.md lists it; each repair is what AWS
documents. Made for the one version that run.sh installs: another one complains here rather than in a test.
"""

import ast
import asyncio
import collections
import socketserver
import threading

import ministack.app
from ministack.services import cognito, lambda_svc

# Otherwise each of a function's replies waits 40 ms for an acknowledgement.
socketserver.StreamRequestHandler.disable_nagle_algorithm = True

# What the request that is being answered sent along for the triggers.
asked = threading.local()


def repair(name):
    """Puts a function in the place of cognito.<name>, which it is given."""

    def put(made):
        original = getattr(cognito, name)
        setattr(cognito, name, made(original))
        return made

    return put


@repair("_password_policy_errors")
def what_is_not_required_is_optional(original):
    # The AWS SDK for Go leaves out what is false.
    def errors(pool, password):
        policy = pool.get("Policies", {}).get("PasswordPolicy", {})
        needs = ("RequireLowercase", "RequireNumbers", "RequireSymbols", "RequireUppercase")
        whole = {**policy, **{need: policy.get(need, False) for need in needs}}
        return original({**pool, "Policies": {"PasswordPolicy": whole}}, password)

    return errors


@repair("_sign_up")
def sign_up_remembers_its_metadata(original):
    def sign_up(data):
        asked.metadata = data.get("ClientMetadata") or {}
        try:
            return original(data)
        finally:
            asked.metadata = {}

    return sign_up


@repair("_build_presignup_event")
def pre_sign_up_is_told_the_metadata(original):
    def event(**known):
        made = original(**known)
        if getattr(asked, "metadata", None):
            made["request"]["clientMetadata"] = asked.metadata
        return made

    return event


@repair("_apply_presignup_trigger")
def a_refusal_of_pre_sign_up_is_a_sentence(original):
    def apply(*arguments, **named):
        try:
            return original(*arguments, **named)
        except cognito._PreSignUpRejected as refused:
            raise cognito._PreSignUpRejected(f"PreSignUp failed with error {message_of(str(refused))}.") from refused

    return apply


@repair("_confirm_sign_up")
def confirming_verifies_the_address_and_sets_off_the_trigger(original):
    def confirm(data):
        return original(data) if (pool := pool_of(data)) is None else confirmed(original, pool, data)

    return confirm


def confirmed(original, pool, data):
    reply = original(data)
    user, _ = cognito._resolve_user(pool, data.get("Username"))
    if not user or user["UserStatus"] != "CONFIRMED":
        return reply
    attributes = cognito._attr_list_to_dict(user["Attributes"])
    if "email" in attributes:
        attributes["email_verified"] = "true"
        user["Attributes"] = cognito._dict_to_attr_list(attributes)
    return after_confirming(pool, user, data, "PostConfirmation_ConfirmSignUp") or reply


@repair("_confirm_forgot_password")
def a_new_password_sets_off_the_trigger(original):
    def confirm(data):
        reply = original(data)
        pool = pool_of(data)
        user = cognito._resolve_user(pool, data.get("Username"))[0] if pool else None
        if not user or reply[0] != 200:
            return reply
        return after_confirming(pool, user, data, "PostConfirmation_ConfirmForgotPassword") or reply

    return confirm


def after_confirming(pool, user, data, source):
    """Runs PostConfirmation. Answers only what went wrong."""
    function = (pool.get("LambdaConfig") or {}).get("PostConfirmation")
    if not function:
        return None
    _, pool_id = cognito._pool_for_client(data.get("ClientId"))
    attributes = cognito._attr_list_to_dict(user["Attributes"])
    event = cognito._build_presignup_event(
        pool_id=pool_id, client_id=data.get("ClientId"), username=user["Username"],
        user_attrs={**attributes, "cognito:user_status": user["UserStatus"]}, trigger_source=source,
    )
    event["request"].pop("validationData")
    if data.get("ClientMetadata"):
        event["request"]["clientMetadata"] = data["ClientMetadata"]
    event["response"] = {}
    record, config, _ = lambda_svc._get_func_record_for_ref(function)
    result = lambda_svc._execute_function_with_config_scope(lambda_svc._execution_record_for_config(record, config), event)
    if isinstance(result, dict) and result.get("error"):
        sentence = f"PostConfirmation failed with error {message_of(str(result.get('body')))}."
        return cognito.error_response_json("UserLambdaValidationException", sentence, 400)
    return None


def pool_of(data):
    return cognito._pool_for_client(data.get("ClientId"))[0]


def message_of(said):
    """errorMessage, of what a function failed with."""
    try:
        return ast.literal_eval(said)["errorMessage"]
    except (ValueError, SyntaxError, KeyError, TypeError):
        return said


class Replies:
    """Answers a call that an SDK sends again as it answered it the first time.

    Now and then a reply of MiniStack does not reach a client that has many connections. The SDK sends the call again
    after minutes, and what was made by it the first time would be a conflict.
    """

    MOST = 2000

    def __init__(self, app):
        self.app = app
        self.given = collections.OrderedDict()

    async def __call__(self, scope, receive, send):
        headers = dict(scope.get("headers", [])) if scope["type"] == "http" else {}
        call = headers.get(b"amz-sdk-invocation-id")
        if call is None:
            return await self.app(scope, receive, send)
        if call in self.given:
            for part in await asyncio.shield(self.given[call]):
                await send(part)
            return None
        reply = self.given[call] = asyncio.get_running_loop().create_future()
        if len(self.given) > self.MOST:
            self.given.popitem(last=False)
        parts = []

        async def note_and_send(part):
            parts.append(part)
            if part["type"] == "http.response.body" and not part.get("more_body"):
                if not reply.done():
                    # What a server may do over is done over: only what was answered for good is kept.
                    if parts[0]["status"] >= 500:
                        self.given.pop(call, None)
                    reply.set_result(parts)
            await send(part)

        try:
            return await self.app(scope, receive, note_and_send)
        finally:
            if not reply.done():
                self.given.pop(call, None)
                reply.cancel()


if __name__ == "__main__":
    ministack.app.app = Replies(ministack.app.app)
    ministack.app.main()
