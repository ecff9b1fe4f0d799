"""Every MongoDB collection of the platform: captured by the change stream, or left out for a stated reason."""

CAPTURED = (
    "customers",
    "aliases",
    "payees",
    "schedules",
    "payee_stats",
    "blocked_parties",
    "orders",
    "commands",
    "outcomes",
    "rail_messages",
    "rail_receipts",
    "cases",
    "accounts",
    "entries",
    "limit_usage",
    "access_log",
)

# What lies in the AuditDB, a database of its own with a user of its own.
AUDIT_COLLECTIONS = ("audit_entries",)

LEFT_OUT = {
    "account_numbers": "full account numbers of payees must not reach a topic; captured records name them by token",
    "directory_entries": "answers of networks, kept for an hour and asked for again; names of strangers",
    "feed_events": "derived from orders by the bridge; only numbers what is captured already",
    "dead_letters": "records of what could not be processed; the topic dpms.dead_letters holds the same",
    "leases": "who leads at the moment; rewritten every second",
    "platform_clock": "how far a sandbox's clock was moved; in production nobody writes or reads it",
    "api_clients": "secret hashes must not reach a topic",
    "auth_user": "staff identities with password hashes",
    "auth_group": "staff roles, deployed with the code",
    "auth_permission": "made by Django from the code",
    "auth_user_groups": "staff roles, deployed with the code",
    "auth_user_user_permissions": "not used: roles are groups",
    "auth_group_permissions": "not used: roles are groups",
    "django_content_type": "made by Django from the code",
    "django_migrations": "made by Django from the code",
    "staff_sessions": "session secrets and churn; logins and ended sessions are in access_log",
    "axes_accessattempt": "wrong passwords being counted; each one is in access_log",
    "axes_accessattemptexpiration": "not used: attempts expire by their time",
    "axes_accessfailurelog": "not used: access_log has it",
    "axes_accesslog": "not used: access_log has it",
    "otp_totp_totpdevice": "secrets of the second step; enrolments are in access_log",
    "otp_static_staticdevice": "holders of recovery codes",
    "otp_static_statictoken": "hashes of recovery codes",
}
