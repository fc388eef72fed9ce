namespace AMA.Silo.Control;

/// <summary>What --help says of Control's settings, in the process of its own and in the embedded host alike.</summary>
public static class ControlHelp
{
    public const string Settings = """
          AMA:Lease:TtlSeconds              3600                    10 to 28800: how long keys stay in the archive silo
          AMA:Control:Stores                control/a, control/b    two directories; better on two disks
          AMA:Control:OffsiteBackup         control/offsite         better on another machine's disk
          AMA:Control:Recovery:BackupDirectory  (none)              the archive's Backup; read after a restore only
          AMA:Control:OperatorTokenFile     control/operator.token  made at the first start
          AMA:Control:EnrolmentEndpoint     127.0.0.1:7443          where processes get their certificates
          AMA:Control:SessionHours          8                       1 to 24: how long people stay signed in
          AMA:Control:CertificateHours      72                      24 to 72
          AMA:Control:KeyRoot               software                software, pkcs11 or keyvault; one value, or a,b
          AMA:Control:Software:PassphraseFile  (none)               without it or a credential: for trials
          AMA:Control:Software:Credential   (none)                  a systemd credential, instead
          AMA:Control:Pkcs11:Module         (none)                  path of the PKCS#11 module
          AMA:Control:Pkcs11:TokenLabel     (none)
          AMA:Control:Pkcs11:PinFile        (none)                  its first line is the user PIN
          AMA:Control:Pkcs11:KeyLabel       ama-a, ama-b
          AMA:Control:KeyVault:Uri          (none)                  https://name.vault.azure.net
          AMA:Control:KeyVault:KeyName      ama-a, ama-b
        """;
}
