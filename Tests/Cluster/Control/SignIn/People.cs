using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using AMA.Grains.Interfaces.Control;

namespace AMA.Tests.Cluster.Control.SignIn;

/// <summary>People of one tenant whose second factors matter, and their authenticator app.</summary>
internal sealed class People(ControlWorld world)
{
    public const string Tenant = "strict-harbour";
    public const string Password = "correct horse battery";

    private string? _admin;

    public ISignInGrain SignIn => world.Grain<ISignInGrain>($"eu/{Tenant}");
    public IOwnAccountGrain Own => world.Grain<IOwnAccountGrain>($"eu/{Tenant}");
    public IUsersGrain Users => world.Grain<IUsersGrain>($"eu/{Tenant}");

    /// <summary>A tenant by the ordinary rule: second factors by role.</summary>
    public static async Task<People> AtANewTenantAsync(ControlWorld world)
    {
        await world.Directory.CreateTenant(
            world.OperatorToken, new NewTenant(Tenant, ["journal@strict-harbour.example"]));
        return new(world);
    }

    /// <summary>
    /// With <see cref="Password"/>. Without a token, by whoever may: the operator makes whom they may make, who choose
    /// that password themselves; all others are made by a tenant-admin, "the.admin".
    /// </summary>
    public async Task<UserView> CreateAsync(string user, string role, string? token = null)
    {
        if (token is null && role is ("tenant-admin" or "security-officer-provider"))
            return await CreateByOperatorAsync(user, role);
        return await Users.Create(token ?? await AdminAsync(), new NewUser(user, role, [], Password));
    }

    /// <summary>The token of "the.admin".</summary>
    public async Task<string> AdminAsync() => _admin ??= await TokenOfAsync("the.admin", "tenant-admin");

    /// <summary>Enrols and confirms; answers the secret (base32), recovery codes and a session.</summary>
    public async Task<(string Secret, ConfirmedView Confirmed)> EnrolAsync(string user)
    {
        var made = await Own.Enrol(new(user, Password));
        return (made.Secret, await Own.Confirm(new(user, Password, Code(made.Secret))));
    }

    /// <summary>A signed-in person of that role, made by whoever may.</summary>
    public async Task<string> TokenOfAsync(string user, string role, string? token = null)
    {
        await CreateAsync(user, role, token);
        return (await EnrolAsync(user)).Confirmed.Session.Token;
    }

    private async Task<UserView> CreateByOperatorAsync(string user, string role)
    {
        var made = await Users.Create(world.OperatorToken, new NewUser(user, role, [], null));
        await Own.ChangePassword(new(user, made.Password!), Password);
        return made;
    }

    public string Code(string base32, int steps = 0) =>
        Authenticator.Code(base32, world.Clock.GetUtcNow().AddSeconds(30 * steps));
}

/// <summary>RFC 6238 by its text, so that no library vouches for itself.</summary>
internal static class Authenticator
{
    public static string Code(string base32, DateTimeOffset now)
    {
        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, now.ToUnixTimeSeconds() / 30);
        var hash = HMACSHA1.HashData(FromBase32(base32), counter);
        var offset = hash[^1] & 15;
        var number = BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(offset)) & 0x7fffffff;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    private static byte[] FromBase32(string text)
    {
        var bits = string.Concat(text.Select(sign =>
            Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(sign), 2).PadLeft(5, '0')));
        return [.. Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2))];
    }
}
