using AMA.Archive.Keys.Roots;
using Net.Pkcs11Interop.Common;

namespace AMA.Adapters.Pkcs11;

/// <summary>From the module's return values (PKCS#11 v2.40, "Function return values") to a key root's faults.</summary>
internal static class Pkcs11Faults
{
    /// <summary>The session or the token behind it is gone: connect again.</summary>
    public static bool IsGone(CKR value) => value is CKR.CKR_SESSION_HANDLE_INVALID or CKR.CKR_SESSION_CLOSED
        or CKR.CKR_USER_NOT_LOGGED_IN or CKR.CKR_DEVICE_REMOVED or CKR.CKR_DEVICE_ERROR or CKR.CKR_TOKEN_NOT_PRESENT
        or CKR.CKR_TOKEN_NOT_RECOGNIZED or CKR.CKR_SLOT_ID_INVALID or CKR.CKR_CRYPTOKI_NOT_INITIALIZED;

    /// <summary>The key was there a moment ago, and somebody destroyed it.</summary>
    public static bool IsNoKey(CKR value) => value is CKR.CKR_KEY_HANDLE_INVALID or CKR.CKR_OBJECT_HANDLE_INVALID;

    /// <summary>
    /// Decryption failed for the bytes' sake, if for anything: SoftHSM says "general error" for a wrong tag.
    /// </summary>
    public static bool MayBeTampered(CKR value) => value is CKR.CKR_ENCRYPTED_DATA_INVALID
        or CKR.CKR_ENCRYPTED_DATA_LEN_RANGE or CKR.CKR_DATA_INVALID or CKR.CKR_DATA_LEN_RANGE
        or CKR.CKR_GENERAL_ERROR or CKR.CKR_FUNCTION_FAILED or CKR.CKR_SIGNATURE_INVALID;

    private static bool IsDenied(CKR value) => value is CKR.CKR_PIN_INCORRECT or CKR.CKR_PIN_INVALID
        or CKR.CKR_PIN_LEN_RANGE or CKR.CKR_PIN_EXPIRED or CKR.CKR_PIN_LOCKED or CKR.CKR_USER_PIN_NOT_INITIALIZED
        or CKR.CKR_KEY_FUNCTION_NOT_PERMITTED or CKR.CKR_ACTION_PROHIBITED or CKR.CKR_TOKEN_WRITE_PROTECTED;

    private static bool IsMisfit(CKR value) => value is CKR.CKR_MECHANISM_INVALID or CKR.CKR_MECHANISM_PARAM_INVALID
        or CKR.CKR_TEMPLATE_INCONSISTENT or CKR.CKR_TEMPLATE_INCOMPLETE or CKR.CKR_ATTRIBUTE_TYPE_INVALID
        or CKR.CKR_ATTRIBUTE_VALUE_INVALID or CKR.CKR_FUNCTION_NOT_SUPPORTED or CKR.CKR_KEY_TYPE_INCONSISTENT;

    public static KeyRootException Of(Pkcs11Exception e, Pkcs11Place place)
    {
        if (IsDenied(e.RV))
            return new(KeyRootFault.Denied,
                $"Token {place.TokenLabel} refuses ({e.RV} from {e.Method}): check the PIN in {place.PinFile}, and "
                + "what the token's user may do.", e);
        if (IsMisfit(e.RV))
            return new(KeyRootFault.Misconfigured,
                $"Token {place.TokenLabel} can't do what AMA needs ({e.RV} from {e.Method}): AES-256 keys that are not "
                + "extractable, and CKM_AES_GCM with them. Take another device or firmware.", e);
        return new(KeyRootFault.Unavailable, $"Token {place.TokenLabel} fails ({e.RV} from {e.Method}).", e);
    }
}
