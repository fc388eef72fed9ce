using System.Security.Cryptography;
using AMA.Adapters.Hosting;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Sealing;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.DependencyInjection;

namespace AMA.Grains.Archive.Leases;

/// <summary>Who this silo is. <paramref name="EnrolmentToken"/> gives a one-time token each time it is asked.</summary>
public sealed record SiloIdentityOptions(Region Region, string Name, Func<string> EnrolmentToken)
{
    /// <summary>The certificate is asked for anew after this long. Shorter than any that Control issues (24 h).</summary>
    public TimeSpan RenewAfter { get; init; } = TimeSpan.FromHours(12);

    /// <summary>How Control is to seal keys to this silo; default: X25519 with ML-KEM-768.</summary>
    public LeaseSuite Suite { get; init; } = LeaseSuite.Hybrid;
}

/// <summary>
/// The silo's identity for one incarnation: an ECDSA P-256 key with a certificate of the region's CA, and a pair to
/// which Control seals leased keys. All of it lives in memory only.
/// </summary>
public sealed class SiloIdentity(
    SiloIdentityOptions options,
    [FromKeyedServices(ClusterNames.Control)] RemoteCluster control,
    IRandom random,
    TimeProvider time) : IDisposable
{
    private static readonly TimeSpan ConnectTimeMax = TimeSpan.FromSeconds(5);

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private Enrolment? _enrolment;
    private long _enrolledAt;
    private long _incarnation;
    private LeaseKemPair? _kem;

    public Region Region => options.Region;

    /// <summary>The silo's name, as its certificate has it.</summary>
    public string Name => options.Name;

    /// <summary>What keys are sealed to; made at the first enrolment.</summary>
    public LeaseKemPair Kem => _kem ?? throw new InvalidOperationException("the silo is not enrolled");

    /// <summary>What Control's documents are verified with: the raw Ed25519 key; null until the first enrolment.</summary>
    public byte[]? SigningKey => _enrolment?.SigningKey;

    public byte[]? CaCertificate => _enrolment?.CaCertificate;

    /// <summary>Enrols, registers this incarnation once, and enrols again in time. Throws while Control is away.</summary>
    public async Task EnsureAsync()
    {
        if (Fresh) return;
        await control.Ready.WaitAsync(ConnectTimeMax, time);
        await _gate.WaitAsync();
        try
        {
            if (!Fresh) await EnrolAsync();
        }
        finally
        {
            _gate.Release();
        }
    }

    public byte[] Sign(LeaseRequest request) => request.Sign(_key);

    /// <summary>A request of this silo, now; the caller fills in what it is about.</summary>
    public LeaseRequest Request(LeasePurpose purpose, TenantId? tenant) => new(
        options.Name, _incarnation, Kem.Suite, Kem.PublicKey, _enrolment!.Certificate, purpose, Region, tenant?.Value, [],
        AccessToken: null, Job: null, LeaseId: null, LeaseLimits.TtlSecondsMax, random.NextBytes(LeaseLimits.NonceBytes),
        time.GetUtcNow(), []);

    public void Dispose()
    {
        _kem?.Dispose();
        _key.Dispose();
        _gate.Dispose();
    }

    private bool Fresh => _enrolment is not null && time.GetElapsedTime(_enrolledAt) < options.RenewAfter;

    private async Task EnrolAsync()
    {
        var grain = control.Client.GetGrain<IIdentityGrain>(Region.Text());
        _kem ??= LeaseKemPair.Create(options.Suite, random);
        var at = time.GetTimestamp();
        var enrolment = await grain.Enrol(
            new(options.EnrolmentToken(), "backend", options.Name, _key.ExportSubjectPublicKeyInfo()));
        var before = _enrolment;
        _enrolment = enrolment;
        try
        {
            if (_incarnation == 0)
                _incarnation = await grain.RegisterIncarnation(Sign(Request(LeasePurpose.Register, null)));
            _enrolledAt = at;
        }
        catch
        {
            _enrolment = before;
            throw;
        }
    }
}
