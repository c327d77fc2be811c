# Profiles as written. Nulls, which mean "none of this" to KubeSpawner, and the order of options and choices come by
# ways of their own (values/nulls.py, values/profile_order.py).
#
# `allowed_groups` of profiles, choices and unlisted choices: who is in none of the groups does not see them, and can't
# ask for them through the API either, since KubeSpawner validates against this same list.
#
# Building is offered to people with the service's scope only, as BinderHub does. They can start what they build, also
# where they may not type the name of an image.
from copy import deepcopy

from jupyterhub.scopes import get_scopes_for
from slugify import slugify
from tornado.web import HTTPError
from z2jh import get_config

BUILD_SCOPE = "access:services!service=binder"
LONGEST = 1000


def _complete_profiles(profile_list):
    for *path, last in get_config("custom.imagebuilding.profile_nulls", []):
        item = profile_list
        for step in path:
            item = item[step]
        item[last] = None
    for *path, last, keys in get_config("custom.imagebuilding.profile_order", []):
        item = profile_list
        for step in path:
            item = item[step]
        item[last] = {key: item[last][key] for key in keys}
    return profile_list


def _profiles_for_user(profile_list):
    built = get_config("custom.imagebuilding.built", {})
    private = get_config("custom.imagebuilding.private", "")
    foreign = get_config("custom.imagebuilding.foreign", "")

    def allowed(item, groups):
        wanted = item.pop("allowed_groups", None)
        return wanted is None or not groups.isdisjoint(group.casefold() for group in wanted)

    def options_left(profile, groups, builds):
        for option in profile.get("profile_options", {}).values():
            building = option.get("dynamic_image_building") or {}
            if building.get("enabled") and not builds:
                option["dynamic_image_building"] = {**building, "enabled": False}
                if option.get("unlisted_choice", {}).get("validation_regex") == built.get("validation_regex"):
                    del option["unlisted_choice"]
            # Images of private repositories are for those who may build them.
            for excluded in (foreign, "" if builds else private):
                if excluded and "unlisted_choice" in option:
                    others = option["unlisted_choice"].get("validation_regex") or ""
                    option["unlisted_choice"]["validation_regex"] = f"(?!{excluded}){others}"
            had_choices = bool(option.get("choices"))
            option["choices"] = {
                name: choice for name, choice in option.get("choices", {}).items() if allowed(choice, groups)
            }
            if "unlisted_choice" in option and not allowed(option["unlisted_choice"], groups):
                del option["unlisted_choice"]
                if building.get("enabled") and builds and built:
                    option["unlisted_choice"] = deepcopy(built)
            if had_choices and not option["choices"] and not option.get("unlisted_choice", {}).get("enabled"):
                return False
        return True

    def complete_choices(options, profiles):
        # Without a profile KubeSpawner applies choices to the default profile, but does not validate them. And the time
        # that an expression takes depends on the length of the text.
        typed = [name for name, value in options.items() if name.endswith("--unlisted-choice") and value]
        for name in typed:
            options[name] = str(options[name])[:LONGEST]
        if typed and not options.get("profile"):
            default = next((profile for profile in profiles if profile.get("default")), profiles[0])
            options["profile"] = default.get("slug") or slugify(default["display_name"])

    def for_user(spawner):
        groups = {group.name.casefold() for group in spawner.user.groups}
        builds = not {"access:services", BUILD_SCOPE}.isdisjoint(get_scopes_for(spawner.user.orm_user))
        profiles = [
            profile
            for profile in deepcopy(profile_list)
            if allowed(profile, groups) and options_left(profile, groups, builds)
        ]
        if not profiles:
            raise HTTPError(
                403,
                "You are in none of the groups that may start a server here."
                " If you joined one just now, log out and in again.",
            )
        complete_choices(spawner.user_options or {}, profiles)
        return profiles

    return for_user


if c.KubeSpawner.get("profile_list"):
    c.KubeSpawner.profile_list = _profiles_for_user(_complete_profiles(c.KubeSpawner.profile_list))
