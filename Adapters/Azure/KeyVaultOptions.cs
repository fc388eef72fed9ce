using Azure.Core;

namespace AMA.Adapters.Azure;

/// <summary>How the vault is called. Transport and retries may be set, as with any client of Azure.</summary>
public sealed class KeyVaultOptions : ClientOptions
{
    private const int RetriesMax = 4;
    private const int DelayMilliseconds = 800;
    private const int DelaySecondsMax = 30;
    private const int TimeoutSeconds = 30;

    public KeyVaultOptions()
    {
        Retry.MaxRetries = RetriesMax;
        Retry.Delay = TimeSpan.FromMilliseconds(DelayMilliseconds);
        Retry.MaxDelay = TimeSpan.FromSeconds(DelaySecondsMax);
        Retry.NetworkTimeout = TimeSpan.FromSeconds(TimeoutSeconds);
        // Bodies hold keys.
        Diagnostics.IsLoggingContentEnabled = false;
    }

    public string ApiVersion { get; init; } = "7.6";
}
