using System.Text.Json;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Roots;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace AMA.Adapters.Azure;

/// <summary>A key of a vault, in one of its versions.</summary>
/// <param name="Version">The vault's own version, 32 hex digits.</param>
/// <param name="FinalAt">Null while it lives; then when the vault forgets it for good.</param>
public sealed record VaultKey(string Name, Guid Version, DateTimeOffset CreatedAt, DateTimeOffset? FinalAt = null);

/// <summary>
/// The calls of the Key Vault Keys REST API that AMA needs, for vaults and Managed HSMs alike. Faults are
/// <see cref="KeyRootException"/>. A throttled or failing call is tried again, as the vault's
/// Retry-After says, before it fails. Safe for several callers.
/// </summary>
public sealed class KeyVaultKeys
{
    private const int PagesMax = 1_000;
    private const int KeyBits = 3_072;

    private readonly Uri _vault;
    private readonly string _apiVersion;
    private readonly HttpPipeline _pipeline;

    /// <param name="vault">https://{name}.vault.azure.net or https://{name}.managedhsm.azure.net.</param>
    public KeyVaultKeys(Uri vault, TokenCredential credential, KeyVaultOptions options)
    {
        if (vault.Scheme != Uri.UriSchemeHttps) throw new ArgumentException("a vault is reached by https", nameof(vault));
        _vault = vault;
        _apiVersion = options.ApiVersion;
        _pipeline = HttpPipelineBuilder.Build(options, new KeyVaultSignIn(credential));
    }

    public Uri Vault => _vault;

    /// <summary>RSA-HSM, 3072 bits, not exportable, for wrapping only. A name that is taken gets a new version.</summary>
    public async Task<VaultKey> CreateAsync(string name, CancellationToken cancel)
    {
        var answer = await SendAsync(RequestMethod.Post, $"keys/{name}/create", CreateBody, cancel)
            .ConfigureAwait(false);
        return VaultJson.Key(answer);
    }

    /// <summary>
    /// A new version by the vault's own policy. <see cref="KeyVaultKeyRoot"/> makes a key instead, for a vault deletes
    /// all versions or none; operators' policies do this one.
    /// </summary>
    public async Task<VaultKey> RotateAsync(string name, CancellationToken cancel)
    {
        var answer = await SendAsync(RequestMethod.Post, $"keys/{name}/rotate", default, cancel)
            .ConfigureAwait(false);
        return VaultJson.Key(answer);
    }

    /// <summary>The newest version.</summary>
    public async Task<VaultKey> GetAsync(string name, CancellationToken cancel)
    {
        var answer = await SendAsync(RequestMethod.Get, $"keys/{name}", default, cancel).ConfigureAwait(false);
        return VaultJson.Key(answer);
    }

    public async Task<VaultKey> GetDeletedAsync(string name, CancellationToken cancel)
    {
        var answer = await SendAsync(RequestMethod.Get, $"deletedkeys/{name}", default, cancel)
            .ConfigureAwait(false);
        return VaultJson.Key(answer);
    }

    public Task<IReadOnlyList<VaultKey>> VersionsAsync(string name, CancellationToken cancel) =>
        PagesAsync($"keys/{name}/versions", VaultJson.Key, cancel);

    /// <summary>Names of all keys that can be used.</summary>
    public Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancel) =>
        PagesAsync("keys", VaultJson.Name, cancel);

    /// <summary>Names of the keys that wait, deleted, for their final day.</summary>
    public Task<IReadOnlyList<string>> DeletedNamesAsync(CancellationToken cancel) =>
        PagesAsync("deletedkeys", VaultJson.Name, cancel);

    /// <summary>Deletes all versions; the answer says when that is final.</summary>
    public async Task<VaultKey> DeleteAsync(string name, CancellationToken cancel)
    {
        var answer = await SendAsync(RequestMethod.Delete, $"keys/{name}", default, cancel).ConfigureAwait(false);
        return VaultJson.Key(answer);
    }

    /// <summary>RSA-OAEP-256.</summary>
    public async Task<byte[]> WrapAsync(string name, Guid version, Secret plain, CancellationToken cancel)
    {
        var body = VaultJson.Operation(plain.Span);
        try
        {
            var answer = await SendAsync(RequestMethod.Post, $"keys/{name}/{version:N}/wrapkey", body, cancel)
                .ConfigureAwait(false);
            using var wrapped = VaultJson.Value(answer);
            return wrapped.Span.ToArray();
        }
        finally
        {
            VaultJson.Erase(body);
        }
    }

    /// <summary>What was wrapped; the caller disposes it. Fault Tampered: not wrapped by this version.</summary>
    public async Task<Secret> UnwrapAsync(
        string name, Guid version, ReadOnlyMemory<byte> wrapped, CancellationToken cancel)
    {
        var body = VaultJson.Operation(wrapped.Span);
        var answer = await SendAsync(
            RequestMethod.Post, $"keys/{name}/{version:N}/unwrapkey", body, cancel, unwraps: true).ConfigureAwait(false);
        try
        {
            return VaultJson.Value(answer);
        }
        finally
        {
            VaultJson.Erase(answer.ToMemory());
        }
    }

    private static ReadOnlyMemory<byte> CreateBody => JsonSerializer.SerializeToUtf8Bytes(
        new CreateKey("RSA-HSM", KeyBits, ["wrapKey", "unwrapKey"], new(true, false)), VaultJsonContext.Default.CreateKey);

    private async Task<IReadOnlyList<T>> PagesAsync<T>(string path, Func<JsonElement, T> read, CancellationToken cancel)
    {
        var found = new List<T>();
        Uri? next = null;
        for (var page = 0; page < PagesMax; page++)
        {
            using var message = next is null ? Message(RequestMethod.Get, path) : NextPage(next);
            var answer = await SendAsync(message, unwraps: false, cancel).ConfigureAwait(false);
            next = VaultJson.Page(answer, read, found);
            if (next is null) return found;
        }
        throw Astray($"has more than {PagesMax} pages of {path}");
    }

    private async Task<BinaryData> SendAsync(
        RequestMethod method, string path, ReadOnlyMemory<byte> body, CancellationToken cancel, bool unwraps = false)
    {
        using var message = Message(method, path);
        if (!body.IsEmpty)
        {
            message.Request.Headers.Add("Content-Type", "application/json");
            message.Request.Content = RequestContent.Create(body);
        }
        return await SendAsync(message, unwraps, cancel).ConfigureAwait(false);
    }

    private async Task<BinaryData> SendAsync(HttpMessage message, bool unwraps, CancellationToken cancel)
    {
        try
        {
            await _pipeline.SendAsync(message, cancel).ConfigureAwait(false);
            return message.Response.IsError ? throw new RequestFailedException(message.Response) : message.Response.Content;
        }
        catch (Exception e) when (KeyVaultFaults.IsOurs(e))
        {
            throw KeyVaultFaults.Of(e, _vault, unwraps);
        }
    }

    private HttpMessage Message(RequestMethod method, string path)
    {
        var message = _pipeline.CreateMessage();
        message.Request.Method = method;
        message.Request.Uri.Reset(_vault);
        message.Request.Uri.AppendPath(path, escape: false);
        message.Request.Uri.AppendQuery("api-version", _apiVersion);
        message.Request.Headers.Add("Accept", "application/json");
        return message;
    }

    /// <summary>A link of the vault's own making, which carries its api-version.</summary>
    private HttpMessage NextPage(Uri next)
    {
        if (next.Scheme != _vault.Scheme || next.Authority != _vault.Authority)
            throw Astray($"leads away to {next.Host}");
        var message = Message(RequestMethod.Get, "");
        message.Request.Uri.Reset(next);
        return message;
    }

    private KeyRootException Astray(string what) => new(
        KeyRootFault.Misconfigured, $"{_vault.Host} {what}: is AMA:Control:KeyVault:Uri right?");
}
