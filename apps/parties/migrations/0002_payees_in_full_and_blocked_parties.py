from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("parties", "0001_initial")]

    operations = [
        # Documents need no columns, and to write nulls into each of them would be a change that has no maker and no version.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddField(model_name="payee", name=name, field=field)
                for name, field in (
                    ("kind", models.CharField(max_length=10, null=True)),
                    ("name_key", models.CharField(max_length=560, null=True)),
                    ("nickname", models.CharField(max_length=60, null=True)),
                    ("bic", models.CharField(max_length=11, null=True)),
                    ("target", models.CharField(max_length=261, null=True)),
                    ("checked_at", models.DateTimeField(null=True)),
                    ("owner", models.CharField(max_length=60, null=True)),
                    ("known_since", models.DateTimeField(null=True)),
                    ("counted_from", models.JSONField(null=True)),
                )
            ]
        ),
        migrations.AddIndex(
            model_name="payee",
            index=models.Index(fields=["target", "customer"], name="payees_by_target"),
        ),
        migrations.AddIndex(
            model_name="payee", index=models.Index(fields=["name_key"], name="payees_by_name")
        ),
        migrations.CreateModel(
            name="BlockedParty",
            fields=[
                ("version", models.IntegerField(default=1)),
                ("modified_by", models.CharField(max_length=120)),
                ("modified_at", models.DateTimeField()),
                ("reason", models.CharField(max_length=200)),
                ("request_id", models.CharField(max_length=64)),
                (
                    "id",
                    models.CharField(
                        db_column="_id", max_length=40, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=10)),
                ("target", models.CharField(max_length=570)),
                ("shown", models.CharField(max_length=270)),
                ("status", models.CharField(max_length=10)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "db_table": "blocked_parties",
                "indexes": [
                    models.Index(fields=["-created_at", "-id"], name="blocked_newest"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["target"],
                        condition=models.Q(status="ACTIVE"),
                        name="one_active_block",
                    )
                ],
            },
        ),
    ]
