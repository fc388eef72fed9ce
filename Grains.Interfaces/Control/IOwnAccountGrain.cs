using Orleans;
using Orleans.Concurrency;

namespace AMA.Grains.Interfaces.Control;

/// <summary>
/// What persons do to their own account. Each call shows the credentials anew: a session that somebody found open is
/// not enough. Key and refusals: as <see cref="ISignInGrain"/>.
/// </summary>
[Alias("ama.control.own-account")]
public interface IOwnAccountGrain : IGrainWithStringKey
{
    /// <summary>
    /// Makes a second factor (RFC 6238: SHA-1, 30 s, 6 digits), which counts once it is confirmed. Conflict when there
    /// is a confirmed one.
    /// </summary>
    [Alias("enrol"), AlwaysInterleave] Task<SecondFactorView> Enrol(Credentials credentials);

    /// <summary>
    /// With a first code of the new second factor: from now on it is asked for. Opens a session, so that the next code
    /// need not be waited for. Conflict when nothing waits to be confirmed.
    /// </summary>
    [Alias("confirm"), AlwaysInterleave] Task<ConfirmedView> Confirm(Credentials credentials);

    /// <summary>Removes the second factor and ends all sessions.</summary>
    [Alias("remove"), AlwaysInterleave] Task Remove(Credentials credentials);

    /// <summary>Ten new recovery codes, shown this once; the old ones are worth nothing any more.</summary>
    [Alias("recovery-codes"), AlwaysInterleave] Task<string[]> NewRecoveryCodes(Credentials credentials);

    /// <summary>Changes the password and ends all sessions.</summary>
    [Alias("change-password"), AlwaysInterleave] Task ChangePassword(Credentials credentials, string newPassword);
}

/// <param name="Secret">Base32, to be typed into an app that can't read the address as a picture.</param>
/// <param name="Address">otpauth://totp/…</param>
[GenerateSerializer, Immutable, Alias("ama.control.second-factor")]
public sealed record SecondFactorView([property: Id(0)] string Secret, [property: Id(1)] string Address)
{
    public override string ToString() => "[second factor]";
}

[GenerateSerializer, Immutable, Alias("ama.control.confirmed")]
public sealed record ConfirmedView(
    [property: Id(0)] string[] RecoveryCodes, [property: Id(1)] SignedInView Session)
{
    public override string ToString() => "[recovery codes]";
}
