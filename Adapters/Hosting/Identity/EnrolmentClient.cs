using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AMA.Archive.Access;
using AMA.Archive.Ids;

namespace AMA.Adapters.Hosting.Identity;

/// <summary>Control's enrolment endpoint did not give what was asked for.</summary>
/// <param name="transient">A later try may succeed: it is away, or has a fault of its own.</param>
public sealed class EnrolmentException(string message, bool transient, Exception? inner = null)
    : Exception(message, inner)
{
    public bool IsTransient => transient;

    /// <summary>The papers are worth nothing any more: a new token is needed.</summary>
    public bool NeedsToken { get; init; }
}

/// <summary>
/// Asks Control's enrolment endpoint over HTTPS. Trusts the region's CA and nobody else: known by the ticket's
/// fingerprint before the first certificate, by the papers afterwards.
/// </summary>
public sealed class EnrolmentClient(Region region, IPEndPoint endpoint, TimeProvider time)
{
    private const int AnswerBytesMax = 1 << 20;
    private const int SaidCharsMax = 300;
    private const string EnrolAgain =
        "Enrol it again with a new AMA:Identity:EnrolmentToken; on Control's machine: ama control enroll";
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(15);
    private static readonly EnrolmentJson Json = EnrolmentJson.Default;

    private Uri Base => new($"https://{endpoint}");

    /// <summary>Papers for a new key.</summary>
    public async Task<(PeerPapers Papers, KnownTrust Trust)> EnrolAsync(
        EnrolmentTicket ticket, PeerRole role, string name, CancellationToken cancel)
    {
        var authority = await AuthorityAsync(ticket, cancel);
        return await NewAsync(new([authority], []), known: null, name, request => (
            "/v1/enrol", new EnrolBody(ticket.Token, PeerIdentity.RoleText(role), name, request), Json.EnrolBody), cancel);
    }

    /// <summary>Papers for a new key in place of <paramref name="papers"/>, which may have run out.</summary>
    public Task<(PeerPapers Papers, KnownTrust Trust)> RenewAsync(
        PeerPapers papers, PeerTrust trust, CancellationToken cancel) =>
        NewAsync(trust, papers.SigningKey, papers.Identity.Name, request => (
            "/v1/renew", new RenewBody(papers.Certificate, request, PeerRequest.SignRenewal(papers, request)),
            Json.RenewBody), cancel);

    /// <param name="signingKeys">Control's, as this process knows them.</param>
    public async Task<KnownTrust> TrustAsync(PeerTrust trust, byte[] signingKeys, CancellationToken cancel)
    {
        using var http = Open(shown => IsControl(trust, shown));
        return Read(await AskAsync(http.GetAsync("/v1/trust", cancel), Json.TrustNews, cancel), signingKeys);
    }

    /// <param name="known">Control's signing keys; null: whoever has the CA that the ticket names says which.</param>
    private async Task<(PeerPapers Papers, KnownTrust Trust)> NewAsync<T>(
        PeerTrust trust, byte[]? known, string name, Func<byte[], (string Path, T Body, JsonTypeInfo<T> Type)> about,
        CancellationToken cancel)
    {
        var draft = new PeerDraft();
        var (path, body, type) = about(draft.Request(name));
        using var http = Open(shown => IsControl(trust, shown));
        var issued = await AskAsync(http.PostAsJsonAsync(path, body, type, cancel), Json.IssuedNews, cancel);
        var news = Read(issued.Trust, known ?? issued.Trust.SigningKey);
        try
        {
            return (draft.Complete(issued.Certificate, news.Document.Authorities, news.Document.SigningKeys), news);
        }
        catch (CryptographicException odd)
        {
            throw new EnrolmentException($"Control's answer does not fit: {odd.Message}.", transient: false, odd);
        }
    }

    /// <summary>
    /// Asked of whoever answers: nothing secret has been said yet, and the fingerprint decides what the answer is worth.
    /// </summary>
    private async Task<byte[]> AuthorityAsync(EnrolmentTicket ticket, CancellationToken cancel)
    {
        using var http = Open(_ => true);
        var news = await AskAsync(http.GetAsync("/v1/trust", cancel), Json.TrustNews, cancel);
        return Array.Find(news.Authorities, ticket.Names) ?? throw new EnrolmentException(
            $"Whoever answers at {endpoint} is not the Control that the enrolment token is from.", transient: false);
    }

    /// <summary>What is signed by a key that is known already; a new key comes only so.</summary>
    private KnownTrust Read(TrustNews news, byte[] signingKeys)
    {
        foreach (var signed in news.Signed)
            if (KnownTrust.TryRead(signed, signingKeys, region, out var trust)) return trust;
        throw new EnrolmentException(
            "Control signs with a key that this process does not know: the key was succeeded while this process was "
            + $"away for too long. {EnrolAgain}", transient: false) { NeedsToken = true };
    }

    private bool IsControl(PeerTrust trust, byte[] shown) =>
        trust.TryVerify(shown, time.GetUtcNow(), out var peer)
        && peer.Identity.Role == PeerRole.Control && peer.Identity.Region == region;

    private HttpClient Open(Func<byte[], bool> isControl) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        SslOptions = new()
        {
            CertificateChainPolicy = new()
            {
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
                TrustMode = X509ChainTrustMode.CustomRootTrust,
            },
            RemoteCertificateValidationCallback = (_, shown, _, _) =>
                shown is not null && isControl(shown.GetRawCertData()),
        },
    })
    {
        BaseAddress = Base, Timeout = AnswerMax, MaxResponseContentBufferSize = AnswerBytesMax,
    };

    /// <summary>Before the fingerprint is checked, a stranger may have written it.</summary>
    private static string Clip(string said) =>
        new([.. said.Take(SaidCharsMax).Select(c => char.IsControl(c) ? ' ' : c)]);

    private async Task<T> AskAsync<T>(
        Task<HttpResponseMessage> asking, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        try
        {
            using var answer = await asking;
            if (answer.IsSuccessStatusCode)
                return await answer.Content.ReadFromJsonAsync(type, cancel) ?? throw new JsonException("no answer");
            var said = await answer.Content.ReadAsStringAsync(cancel);
            throw new EnrolmentException(
                $"Control refused ({(int)answer.StatusCode}): {Clip(said)}", (int)answer.StatusCode is 429 or >= 500)
            {
                NeedsToken = answer.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized,
            };
        }
        catch (HttpRequestException strange) when (strange.InnerException is AuthenticationException)
        {
            // It may be somebody in between, too: the next try may reach Control.
            throw new EnrolmentException(
                $"Whoever answers at {endpoint} shows no certificate of a CA that this process knows. If Control's CA was "
                + $"succeeded while this process was away for too long: {EnrolAgain}", transient: true, strange)
            {
                NeedsToken = true,
            };
        }
        catch (Exception away) when (away is HttpRequestException or JsonException
            || (away is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw new EnrolmentException(
                $"Control's enrolment endpoint {endpoint} did not answer: {away.GetBaseException().Message}",
                transient: true, away);
        }
    }
}
