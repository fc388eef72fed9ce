using System.Globalization;
using AMA.Archive.Keys.Roots;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace AMA.Adapters.Pkcs11;

/// <summary>A root's keys as objects of a token: docs/formats/key-roots.md, "PKCS#11".</summary>
internal sealed class TokenKeys(Pkcs11Place place)
{
    private const ulong KeyBytes = 32;
    private const int IdBytes = 16;

    private static readonly List<CKA> NameAttributes = [CKA.CKA_LABEL, CKA.CKA_ID];
    private static readonly List<CKA> GuardAttributes =
        [CKA.CKA_SENSITIVE, CKA.CKA_EXTRACTABLE, CKA.CKA_WRAP, CKA.CKA_UNWRAP];

    public void Make(ISession session, RootKey key)
    {
        var make = session.Factories.ObjectAttributeFactory;
        using var mechanism = session.Factories.MechanismFactory.Create(CKM.CKM_AES_KEY_GEN);
        session.GenerateKey(mechanism,
        [
            make.Create(CKA.CKA_CLASS, CKO.CKO_SECRET_KEY), make.Create(CKA.CKA_KEY_TYPE, CKK.CKK_AES),
            make.Create(CKA.CKA_LABEL, LabelOf(key.Name, key.Version)), make.Create(CKA.CKA_ID, IdOf(key.Id)),
            make.Create(CKA.CKA_VALUE_LEN, KeyBytes), make.Create(CKA.CKA_TOKEN, true),
            make.Create(CKA.CKA_PRIVATE, true), make.Create(CKA.CKA_SENSITIVE, true),
            make.Create(CKA.CKA_EXTRACTABLE, false), make.Create(CKA.CKA_MODIFIABLE, false),
            make.Create(CKA.CKA_ENCRYPT, true), make.Create(CKA.CKA_DECRYPT, true),
            make.Create(CKA.CKA_SIGN, false), make.Create(CKA.CKA_VERIFY, false),
            // A key that can wrap and decrypt gives away any key of the token.
            make.Create(CKA.CKA_WRAP, false), make.Create(CKA.CKA_UNWRAP, false),
        ]);
    }

    /// <summary>By name, then version. Other objects of the token are left out.</summary>
    public List<RootKey> List(ISession session)
    {
        var make = session.Factories.ObjectAttributeFactory;
        var found = session.FindAllObjects(
        [
            make.Create(CKA.CKA_CLASS, CKO.CKO_SECRET_KEY), make.Create(CKA.CKA_KEY_TYPE, CKK.CKK_AES),
            make.Create(CKA.CKA_TOKEN, true),
        ]);
        return
        [
            .. found.Select(handle => KeyOf(session, handle)).OfType<RootKey>()
                .OrderBy(key => key.Name, StringComparer.Ordinal).ThenBy(key => key.Version).ThenBy(key => key.Id),
        ];
    }

    /// <summary>The key with this id, or null.</summary>
    public (IObjectHandle Handle, RootKey Key)? Find(ISession session, Guid id)
    {
        var make = session.Factories.ObjectAttributeFactory;
        foreach (var handle in session.FindAllObjects(
            [make.Create(CKA.CKA_CLASS, CKO.CKO_SECRET_KEY), make.Create(CKA.CKA_ID, IdOf(id))]))
        {
            if (KeyOf(session, handle) is { } key) return (handle, key);
        }
        return null;
    }

    /// <summary>Somebody may have put a key of this name there that the token gives away.</summary>
    public void CheckGuarded(ISession session, RootKey key)
    {
        if (Find(session, key.Id) is not { } found) return;
        var guards = session.GetAttributeValue(found.Handle, GuardAttributes).ConvertAll(a => a.GetValueAsBool());
        if (guards is [true, false, false, false]) return;
        throw new KeyRootException(KeyRootFault.Misconfigured,
            $"The key {LabelOf(key.Name, key.Version)} in token {place.TokenLabel} can leave it, or wrap other keys: "
            + "it was not made by AMA. Set another AMA:Control:Pkcs11:KeyLabel.");
    }

    private RootKey? KeyOf(ISession session, IObjectHandle handle)
    {
        var values = session.GetAttributeValue(handle, NameAttributes);
        var id = values[1].GetValueAsByteArray();
        if (id is not { Length: IdBytes } || ParseLabel(values[0].GetValueAsString()) is not { } label) return null;
        var guid = new Guid(id, bigEndian: true);
        return new(label.Name, label.Version, guid, RootIds.MadeAt(guid));
    }

    private (string Name, uint Version)? ParseLabel(string? label)
    {
        var parts = label?.Split(Pkcs11Place.LabelSeparator);
        return parts is { Length: 3 } && parts[0] == place.KeyLabel
            && uint.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? (parts[1], version) : null;
    }

    private string LabelOf(string name, uint version) => string.Join(
        Pkcs11Place.LabelSeparator, place.KeyLabel, name, version.ToString(CultureInfo.InvariantCulture));

    private static byte[] IdOf(Guid id) => id.ToByteArray(bigEndian: true);
}
