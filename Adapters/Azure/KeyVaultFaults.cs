using AMA.Archive.Keys.Roots;
using Azure;
using Azure.Identity;

namespace AMA.Adapters.Azure;

/// <summary>From a vault's answers to a key root's faults.</summary>
internal static class KeyVaultFaults
{
    public const int NotFound = 404;
    public const int Conflict = 409;
    private const int BadRequest = 400;

    public static bool IsOurs(Exception e) => e is RequestFailedException or AuthenticationFailedException
        or AggregateException { InnerException: RequestFailedException };

    /// <param name="unwraps">A refused parameter then means the ciphertext.</param>
    public static KeyRootException Of(Exception e, Uri vault, bool unwraps) => e switch
    {
        AggregateException { InnerException: { } inner } => Of(inner, vault, unwraps),
        AuthenticationFailedException => new(KeyRootFault.Denied,
            $"No token for {vault.Host}: {e.Message} Give this host an identity (managed identity, workload identity or "
            + "AZURE_CLIENT_ID and its like).", e),
        RequestFailedException { Status: BadRequest } when unwraps => RootBlob.Tampered(e),
        RequestFailedException failed => new(FaultOf(failed.Status), MessageOf(failed, vault), e),
        _ => new(KeyRootFault.Unavailable, e.Message, e),
    };

    private static KeyRootFault FaultOf(int status) => status switch
    {
        401 or 403 => KeyRootFault.Denied,
        NotFound => KeyRootFault.Missing,
        // Another is deleting or making the same key; 0: no answer at all.
        0 or 408 or Conflict or 429 or >= 500 => KeyRootFault.Unavailable,
        _ => KeyRootFault.Misconfigured,
    };

    private static string MessageOf(RequestFailedException e, Uri vault)
    {
        var what = $"{vault.Host} answers {e.Status} {e.ErrorCode}";
        return e.Status switch
        {
            0 => $"{vault.Host} can't be reached: {e.Message}",
            401 => $"{what}: it does not accept this host's token.",
            403 => $"{what}: give this host's identity the role \"Key Vault Crypto Officer\" (Managed HSM: \"Managed HSM "
                + "Crypto Officer\" and \"Crypto User\"), and let its network in.",
            NotFound => $"{what}: there is no such key.",
            Conflict => $"{what}: the key is being deleted, or waits deleted for its final day.",
            429 => $"{what}: too many requests, and still after several tries.",
            >= 500 => $"{what}: a fault of the vault.",
            _ => $"{what}: RSA-HSM keys need a Premium vault or a Managed HSM.",
        };
    }
}
