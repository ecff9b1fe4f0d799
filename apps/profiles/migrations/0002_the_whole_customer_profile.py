from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("profiles", "0001_initial")]

    # Documents need no columns, and to write nulls into each of them would be a change that has no maker and no version.
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                *(
                    migrations.AddField(model_name="customer", name=name, field=field)
                    for name, field in (
                        ("terms_accepted_at", models.DateTimeField(null=True)),
                        ("active_since", models.DateTimeField(null=True)),
                        ("unenrolling_from", models.CharField(max_length=12, null=True)),
                        ("contact_channel", models.CharField(max_length=10, null=True)),
                        ("contact_code_hash", models.CharField(max_length=64, null=True)),
                        ("contact_code_at", models.DateTimeField(null=True)),
                        ("contact_code_tries", models.IntegerField(null=True)),
                        ("contact_codes_sent", models.IntegerField(null=True)),
                        ("contact_codes_since", models.DateTimeField(null=True)),
                        ("contact_verified_at", models.DateTimeField(null=True)),
                        ("preferences", models.JSONField(null=True)),
                    )
                ),
                migrations.AddField(
                    model_name="alias", name="moves", field=models.BooleanField(null=True)
                ),
                migrations.AddField(
                    model_name="alias", name="owned_since", field=models.DateTimeField(null=True)
                ),
            ]
        )
    ]
